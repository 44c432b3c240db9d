package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;

/** One busy loop for each processor of the machine; {@link #close} ends them. */
final class Burners implements AutoCloseable {
    private final List<LocalProcess> processes = new ArrayList<>();

    static Burners start(Leftovers leftovers, LocalUsers users) throws IOException {
        Burners burners = new Burners();
        try {
            for (int number = 0; number < Runtime.getRuntime().availableProcessors(); number++) {
                LocalProcess process = LocalProcess.start(
                        "burner",
                        users.sidecar(List.of("sh", "-c", "while :; do :; done")),
                        Map.of(),
                        Path.of("/dev/null"));
                burners.processes.add(process);
                leftovers.remember(process.handle());
            }
            return burners;
        } catch (IOException failure) {
            burners.close();
            throw failure;
        }
    }

    @Override
    public void close() {
        processes.forEach(LocalProcess::kill);
    }
}
