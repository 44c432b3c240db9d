package org.pgpod.image.pod;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pgpod.image.pod.Sidecar.Mount;
import org.pgpod.image.pod.Sidecar.Place;
import org.pgpod.image.pod.Sidecar.Port;
import org.pgpod.image.pod.Sidecar.Program;
import org.pgpod.image.pod.Sidecar.Resources;

/** The containers that injection adds: the one definition of them, for templates and the Kustomize base alike. */
final class PodContainers {
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

    static final Sidecar PREPARE = new Sidecar(
            "pgpod-prepare",
            Place.INIT,
            new Program.Plain(List.of(
                    "pgpod",
                    "prepare",
                    "--supervisor",
                    Layout.SUPERVISOR_DIRECTORY,
                    "--shared",
                    Layout.SIDECAR_LOGS,
                    "--shared",
                    Layout.POSTGRES_LOGS)),
            List.of(),
            OptionalInt.empty(),
            false,
            List.of(Mount.readWrite(PodVolumes.SUPERVISOR, Layout.SUPERVISOR_DIRECTORY), LOGS, DATA_READ_ONLY),
            new Resources("25m", "64Mi", "128Mi"));

    /** What extension-loader must know of an image that it cannot see into. */
    private static final Sidecar SERVER_IMAGE = new Sidecar(
            "server-image",
            Place.INIT,
            new Program.InServerImage(ServerImageListing.SCRIPT),
            List.of(),
            OptionalInt.empty(),
            false,
            List.of(Mount.readWrite(PodVolumes.SERVER_IMAGE, Layout.SERVER_IMAGE)),
            new Resources("25m", "32Mi", "128Mi"));

    private static final List<Mount> LOADER_MOUNTS = List.of(
            RUN,
            LOGS,
            Mount.readWrite(PodVolumes.EXTENSIONS, Layout.EXTENSIONS),
            Mount.readOnly(PodVolumes.SERVER_IMAGE, Layout.SERVER_IMAGE),
            Mount.readOnly(PodVolumes.CREDENTIALS_LOADER, Layout.CREDENTIALS));

    private static final Resources LOADER_RESOURCES = new Resources("25m", "96Mi", "384Mi");

    private static final Sidecar EXTENSION_LOADER_INIT = new Sidecar(
            "extension-loader-init",
            Place.INIT,
            run("extension-loader", "--once"),
            List.of(),
            OptionalInt.empty(),
            false,
            LOADER_MOUNTS,
            LOADER_RESOURCES);

    private static final Sidecar HA_AGENT = new Sidecar(
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
                    Mount.readOnly(PodVolumes.PEER_CERTIFICATE, Layout.PEER_CERTIFICATE),
                    Mount.readOnly(PodVolumes.API_ACCESS, Layout.API_ACCESS)),
            new Resources("100m", "128Mi", "256Mi"));

    private static final Sidecar WIRE_PROXY = new Sidecar(
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

    private static final Sidecar LOG_SHIPPER = new Sidecar(
            "log-shipper",
            Place.NATIVE,
            run("log-shipper"),
            List.of(new Port("log-shipper", SHIPPER_PORT)),
            OptionalInt.of(SHIPPER_PORT),
            false,
            List.of(RUN_READ_ONLY, LOGS, Mount.readOnly(PodVolumes.CREDENTIALS_SHIPPER, Layout.CREDENTIALS)),
            new Resources("25m", "96Mi", "192Mi"));

    private static final Sidecar EXPORTER = new Sidecar(
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

    private static final Sidecar EXTENSION_LOADER = new Sidecar(
            "extension-loader",
            Place.BESIDE,
            run("extension-loader"),
            List.of(new Port("loader", LOADER_PORT)),
            OptionalInt.of(LOADER_PORT),
            false,
            LOADER_MOUNTS,
            LOADER_RESOURCES);

    /** Those that need an image in Debian's layout. */
    private static final List<Sidecar> OF_EXTENSIONS = List.of(SERVER_IMAGE, EXTENSION_LOADER_INIT, EXTENSION_LOADER);

    /** All of them, in the order of their start. */
    static final List<Sidecar> ALL = List.of(
            PREPARE,
            SERVER_IMAGE,
            EXTENSION_LOADER_INIT,
            HA_AGENT,
            WIRE_PROXY,
            LOG_SHIPPER,
            EXPORTER,
            EXTENSION_LOADER);

    private PodContainers() {}

    /** The containers for a server whose programs are there, in the order of their start. */
    static List<Sidecar> of(ServerPrograms programs) {
        return programs.debianMajor().isPresent()
                ? ALL
                : ALL.stream()
                        .filter(sidecar -> !OF_EXTENSIONS.contains(sidecar))
                        .toList();
    }

    /** Every port of every sidecar. */
    static Stream<Port> ports() {
        return ALL.stream().flatMap(sidecar -> sidecar.ports().stream());
    }

    static boolean isName(String container) {
        return ALL.stream().anyMatch(sidecar -> sidecar.name().equals(container));
    }

    /** Which sidecar listens on that port, if one does. */
    static Optional<String> listener(int port) {
        return ALL.stream()
                .filter(sidecar -> sidecar.ports().stream().anyMatch(own -> own.number() == port))
                .map(Sidecar::name)
                .findFirst();
    }

    private static Program run(String sidecar, String... options) {
        var command = new ArrayList<>(List.of("pgpod", "run", sidecar, "--config", Layout.CONFIGURATION));
        command.addAll(List.of(options));
        Map<String, String> environment = sidecar.equals("extension-loader")
                ? Map.of("PGPOD_EXTENSION_LOADER_IMAGE_ROOT", Layout.SERVER_IMAGE)
                : Map.of();
        return new Program.Configured(List.copyOf(command), environment, limits(sidecar));
    }

    /** The agent tunes Postgres by the limits of a container that it cannot see. */
    private static SortedMap<String, String> limits(String sidecar) {
        return sidecar.equals("ha-agent")
                ? new TreeMap<>(Map.of(
                        "PGPOD_HA_AGENT_CONTAINER_CPUS", "cpu",
                        "PGPOD_HA_AGENT_CONTAINER_MEMORY", "memory"))
                : Collections.emptySortedMap();
    }
}
