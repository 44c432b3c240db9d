package org.pgpod.image.supervisor;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A volume that a supervisor initialised once for all tests, which copy it: initdb is most of a test's time. */
final class InitialisedVolume {

    private static final PodDirectories TEMPLATE = create();

    private InitialisedVolume() {}

    static void copyTo(PodDirectories pod) throws Exception {
        for (String part : new String[] {"data", "pgpod"}) {
            Process copy = new ProcessBuilder(
                            "cp", "-a", TEMPLATE.volume().resolve(part).toString(), pod.volume() + "/")
                    .inheritIO()
                    .start();
            if (copy.waitFor() != 0) {
                throw new IOException("could not copy the volume to " + pod.volume());
            }
        }
    }

    private static PodDirectories create() {
        try {
            PodDirectories pod = PodDirectories.create();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(pod)));
            Supervisor supervisor = Supervisor.boot(pod);
            supervisor.expect(0, "initdb", "", "--auth=trust", "--username=postgres", "--no-sync");
            supervisor.expect(0, "swap", "");
            supervisor.killSupervisor();
            return pod;
        } catch (Exception e) {
            throw new IllegalStateException("no initialised volume", e);
        }
    }

    private static void delete(PodDirectories pod) {
        try {
            pod.delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
