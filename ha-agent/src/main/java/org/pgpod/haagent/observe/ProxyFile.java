package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.core.pod.ProxyAnswer;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.port.ProxyPort;
import org.pgpod.haagent.model.port.Reading;

/** Reads {@code run/proxy}; what another boot left there counts as nothing. */
public final class ProxyFile implements ProxyPort {
    private final Path file;
    private final BootClock clock;

    public ProxyFile(Path file, BootClock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public Reading<ProxyAnswer> read() {
        try {
            Optional<ProxyAnswer> answer = ProxyAnswer.parse(SmallFile.read(file, KeyValueLine.LENGTH_MAX));
            if (answer.isEmpty()) {
                return Reading.failed("the proxy's answer is not readable");
            }
            return answer.get().bootId().equals(clock.bootId())
                    ? Reading.of(answer.get())
                    : Reading.failed("the proxy's answer is of another boot");
        } catch (NoSuchFileException absent) {
            return Reading.failed("the proxy has not answered");
        } catch (IOException unreadable) {
            return Reading.failed("the proxy's answer cannot be read: " + unreadable.getMessage());
        }
    }
}
