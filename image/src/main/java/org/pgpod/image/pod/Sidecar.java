package org.pgpod.image.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * One container that injection adds, as data: what differs between the sidecars and nothing else. {@link
 * ContainerAssembly} adds what they share.
 *
 * @param command what runs in the sidecar image
 * @param ports the ports it listens on, with names that are unique in the pod
 * @param adminPort the one of them that answers probes; empty if it does not stay
 * @param readinessGatesPod whether clients must stay away from the pod while this sidecar is not ready
 */
record Sidecar(
        String name,
        Place place,
        List<String> command,
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

    /**
     * Requests and the memory limit. There is no CPU limit: a throttled agent or proxy renews and fences late.
     */
    record Resources(String cpu, String memory, String memoryMax) {}

    static final int CLIENT_PORT = 5432;
    private static final int PEER_PORT = 5434;
    private static final int AGENT_PORT = 8008;
    private static final int PROXY_ADMIN_PORT = 9127;
    private static final int EXPORTER_PORT = 9187;
    private static final int SHIPPER_PORT = 9189;
    private static final int LOADER_PORT = 9190;

    private static final Mount RUN = Mount.readWrite(PodVolumes.RUN, Layout.RUN);
    private static final Mount RUN_READ_ONLY = Mount.readOnly(PodVolumes.RUN, Layout.RUN);
    private static final Mount DATA_READ_ONLY = Mount.readOnly(PodVolumes.DATA, Layout.VOLUME_DIRECTORY);
    private static final Mount LOGS = Mount.readWrite(PodVolumes.LOGS, Layout.LOGS);

    static final Sidecar HA_AGENT = new Sidecar(
            "ha-agent",
            Place.NATIVE,
            run("ha-agent"),
            List.of(new Port("ha-agent", AGENT_PORT)),
            OptionalInt.of(AGENT_PORT),
            false,
            List.of(
                    RUN,
                    LOGS,
                    DATA_READ_ONLY,
                    Mount.readOnly(PodVolumes.CREDENTIALS, Layout.CREDENTIALS),
                    Mount.readOnly(PodVolumes.API_ACCESS, Layout.API_ACCESS)),
            new Resources("100m", "128Mi", "256Mi"));

    static final Sidecar WIRE_PROXY = new Sidecar(
            "wire-proxy",
            Place.NATIVE,
            run("wire-proxy"),
            List.of(
                    new Port("postgres", CLIENT_PORT),
                    new Port("peers", PEER_PORT),
                    new Port("wire-proxy", PROXY_ADMIN_PORT)),
            OptionalInt.of(PROXY_ADMIN_PORT),
            true,
            List.of(
                    RUN,
                    LOGS,
                    Mount.readOnly(PodVolumes.CREDENTIALS_PROXY, Layout.CREDENTIALS),
                    Mount.readOnly(PodVolumes.CLIENT_CERTIFICATE, Layout.CLIENT_CERTIFICATE),
                    Mount.readOnly(PodVolumes.PEER_CERTIFICATE, Layout.PEER_CERTIFICATE)),
            new Resources("100m", "128Mi", "256Mi"));

    static final Sidecar LOG_SHIPPER = new Sidecar(
            "log-shipper",
            Place.NATIVE,
            run("log-shipper"),
            List.of(new Port("log-shipper", SHIPPER_PORT)),
            OptionalInt.of(SHIPPER_PORT),
            false,
            List.of(RUN_READ_ONLY, LOGS, Mount.readOnly(PodVolumes.CREDENTIALS_SHIPPER, Layout.CREDENTIALS)),
            new Resources("25m", "96Mi", "192Mi"));

    static final Sidecar EXPORTER = new Sidecar(
            "exporter",
            Place.BESIDE,
            run("exporter"),
            List.of(new Port("exporter", EXPORTER_PORT)),
            OptionalInt.of(EXPORTER_PORT),
            false,
            List.of(
                    RUN_READ_ONLY,
                    LOGS,
                    DATA_READ_ONLY,
                    Mount.readOnly(PodVolumes.CREDENTIALS_EXPORTER, Layout.CREDENTIALS)),
            new Resources("25m", "96Mi", "192Mi"));

    private static final List<Mount> LOADER_MOUNTS = List.of(
            RUN,
            LOGS,
            Mount.readWrite(PodVolumes.EXTENSIONS, Layout.EXTENSIONS),
            Mount.readOnly(PodVolumes.CREDENTIALS_LOADER, Layout.CREDENTIALS));

    private static final Resources LOADER_RESOURCES = new Resources("25m", "96Mi", "384Mi");

    static final Sidecar EXTENSION_LOADER = new Sidecar(
            "extension-loader",
            Place.BESIDE,
            run("extension-loader"),
            List.of(new Port("loader", LOADER_PORT)),
            OptionalInt.of(LOADER_PORT),
            false,
            LOADER_MOUNTS,
            LOADER_RESOURCES);

    static final Sidecar EXTENSION_SYNC = new Sidecar(
            "extension-sync",
            Place.INIT,
            run("extension-loader", "--once"),
            List.of(),
            OptionalInt.empty(),
            false,
            LOADER_MOUNTS,
            LOADER_RESOURCES);

    static final Sidecar PREPARE = new Sidecar(
            "pgpod-prepare",
            Place.INIT,
            List.of("pgpod", "prepare", "--supervisor", Layout.SUPERVISOR_DIRECTORY),
            List.of(),
            OptionalInt.empty(),
            false,
            List.of(Mount.readWrite(PodVolumes.SUPERVISOR, Layout.SUPERVISOR_DIRECTORY), DATA_READ_ONLY),
            new Resources("25m", "64Mi", "128Mi"));

    /** All of them, in the order of their start. */
    static final List<Sidecar> ALL =
            List.of(PREPARE, EXTENSION_SYNC, HA_AGENT, WIRE_PROXY, LOG_SHIPPER, EXPORTER, EXTENSION_LOADER);

    /** Every port of every sidecar. */
    static Stream<Port> allPorts() {
        return ALL.stream().flatMap(sidecar -> sidecar.ports.stream());
    }

    static boolean isName(String container) {
        return ALL.stream().anyMatch(sidecar -> sidecar.name.equals(container));
    }

    private static List<String> run(String sidecar, String... options) {
        var command = new ArrayList<>(List.of("pgpod", "run", sidecar));
        command.addAll(List.of("--config", Layout.CONFIGURATION));
        command.addAll(List.of(options));
        return List.copyOf(command);
    }
}
