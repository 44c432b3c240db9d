package org.pgpod.image.pod;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * One container that injection adds, as data: what differs between the sidecars and nothing else. {@link
 * ContainerAssembly} adds what they share.
 *
 * @param ports the ports it listens on, with names that are unique in the pod
 * @param adminPort the one of them that answers probes; empty if it does not stay
 * @param readinessGatesPod whether clients must stay away from the pod while this sidecar is not ready
 */
record Sidecar(
        String name,
        Place place,
        Program program,
        List<Port> ports,
        OptionalInt adminPort,
        boolean readinessGatesPod,
        List<Mount> mounts,
        Resources resources) {

    /** Where in a pod a container runs, and so when it starts and stops. */
    enum Place {
        /** Runs to its end before Postgres starts. */
        INIT,
        /** A native sidecar: starts before Postgres and stops after it. */
        NATIVE,
        /** Runs beside Postgres. */
        BESIDE
    }

    /** What a container runs, and from which image. */
    sealed interface Program {
        /**
         * {@code pgpod run}, with the configuration file, the pod's identity and some options of its own.
         *
         * @param limits variables that tell a limit of the Postgres container, where it has that limit
         */
        record Configured(List<String> command, Map<String, String> environment, SortedMap<String, String> limits)
                implements Program {}

        /** Another command of the sidecar image, which needs neither. */
        record Plain(List<String> command) implements Program {}

        /** A shell script in the image of the Postgres container; its argument is the server's major version. */
        record InServerImage(String script) implements Program {}
    }

    record Port(String name, int number) {}

    /** A volume in a container; {@code subPath} is empty for the volume's root. */
    record Mount(String volume, String path, Optional<String> subPath, Access access) {
        static Mount readOnly(String volume, String path) {
            return new Mount(volume, path, Optional.empty(), Access.READ_ONLY);
        }

        static Mount readWrite(String volume, String path) {
            return new Mount(volume, path, Optional.empty(), Access.READ_WRITE);
        }
    }

    enum Access {
        READ_ONLY,
        READ_WRITE
    }

    /** Requests, and the limit of memory. There is no CPU limit: a throttled agent or proxy renews and fences late. */
    record Resources(String cpu, String memory, String memoryMax) {}
}
