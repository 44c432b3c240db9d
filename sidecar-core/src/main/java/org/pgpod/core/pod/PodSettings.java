package org.pgpod.core.pod;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;

/**
 * Who this pod is and where its containers meet: the section {@code pod}.
 *
 * @param cluster the Postgres cluster that the pod belongs to
 * @param namespace its Kubernetes namespace
 * @param name its name
 * @param uid its Kubernetes UID, which tells a pod from an earlier one of the same name
 * @param address the address at which other pods reach it
 * @param node the node's name, empty if unknown
 * @param zone the node's zone, empty if unknown
 * @param runDirectory tmpfs shared by all containers
 * @param volumeDirectory the volume that holds PGDATA as the subdirectory {@code data}
 * @param logDirectory logs of Postgres and of the sidecars
 * @param extensionDirectory the extension store and the relocated tree
 * @param credentialsDirectory one file per Postgres role, holding its password
 * @param clientCertificateDirectory the certificate that clients see
 * @param peerCertificateDirectory the certificate between pods of the cluster
 * @param postgresPort where Postgres listens, on loopback and as the number of its Unix socket
 */
public record PodSettings(
        String cluster,
        String namespace,
        String name,
        String uid,
        String address,
        Optional<String> node,
        Optional<String> zone,
        Path runDirectory,
        Path volumeDirectory,
        Path logDirectory,
        Path extensionDirectory,
        Path credentialsDirectory,
        Path clientCertificateDirectory,
        Path peerCertificateDirectory,
        int postgresPort) {

    private static final Option<String> CLUSTER = name("cluster", "The name of the Postgres cluster.");
    private static final Option<String> NAMESPACE =
            name("namespace", "The pod's namespace; the downward API's `metadata.namespace`.");
    private static final Option<String> NAME = name("name", "The pod's name; the downward API's `metadata.name`.");
    private static final Option<String> UID = Options.text("uid", "The pod's UID; the downward API's `metadata.uid`.");
    private static final Option<String> ADDRESS =
            Options.text("address", "Where other pods reach this one; the downward API's `status.podIP`.");
    private static final Option<Optional<String>> NODE =
            Options.optionalText("node", "The node's name; the downward API's `spec.nodeName`.");
    private static final Option<Optional<String>> ZONE =
            Options.optionalText("zone", "The zone of the node, the value of `topology.kubernetes.io/zone`.");
    private static final Option<Path> RUN = directory(
            "runDirectory", "/run/pgpod", "Files between the containers. A memory-backed `emptyDir` shared by all.");
    private static final Option<Path> VOLUME =
            directory("volumeDirectory", "/var/lib/pgpod", "The persistent volume; PGDATA is its subdirectory `data`.");
    private static final Option<Path> LOGS =
            directory("logDirectory", "/var/log/pgpod", "Logs of Postgres and of the sidecars.");
    private static final Option<Path> EXTENSIONS = directory(
            "extensionDirectory",
            "/var/lib/pgpod-extensions",
            "Loaded extensions and the tree that Postgres starts from.");
    private static final Option<Path> CREDENTIALS = directory(
            "credentialsDirectory",
            "/etc/pgpod/credentials",
            "A mounted Secret with one file per Postgres role, named like the role, holding its password.");
    private static final Option<Path> CLIENT_CERTIFICATE = directory(
            "clientCertificateDirectory",
            "/etc/pgpod/tls/client",
            "The mounted cert-manager Secret with the certificate that clients see.");
    private static final Option<Path> PEER_CERTIFICATE = directory(
            "peerCertificateDirectory",
            "/etc/pgpod/tls/peer",
            "The mounted cert-manager Secret with the certificate used between the pods of the cluster.");
    private static final Option<Integer> POSTGRES_PORT =
            Options.port("postgresPort", 5433, "Where Postgres itself listens, on loopback and in its socket's name.");

    public static final SectionSchema SCHEMA = new SectionSchema(
            "pod",
            "Who this pod is and where its containers meet.",
            List.of(
                    CLUSTER,
                    NAMESPACE,
                    NAME,
                    UID,
                    ADDRESS,
                    NODE,
                    ZONE,
                    RUN,
                    VOLUME,
                    LOGS,
                    EXTENSIONS,
                    CREDENTIALS,
                    CLIENT_CERTIFICATE,
                    PEER_CERTIFICATE,
                    POSTGRES_PORT));

    private static Option<String> name(String key, String description) {
        return Options.of(key, "a DNS label: lower-case letters, digits and dashes, at most 63", description, text -> {
            if (!text.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
                throw new IllegalArgumentException("not a DNS label");
            }
            return text;
        });
    }

    private static Option<Path> directory(String key, String standard, String description) {
        return Options.path(key, description).withDefault(standard);
    }

    public static PodSettings from(Values values) {
        return new PodSettings(
                values.get(CLUSTER),
                values.get(NAMESPACE),
                values.get(NAME),
                values.get(UID),
                values.get(ADDRESS),
                values.get(NODE),
                values.get(ZONE),
                values.get(RUN),
                values.get(VOLUME),
                values.get(LOGS),
                values.get(EXTENSIONS),
                values.get(CREDENTIALS),
                values.get(CLIENT_CERTIFICATE),
                values.get(PEER_CERTIFICATE),
                values.get(POSTGRES_PORT));
    }

    /** The token by which ha-agent tells supervisor and wire-proxy what this pod may do. */
    public Path leaseToken() {
        return runDirectory.resolve("lease-token");
    }

    /** Held by the one agent process that may write the token. */
    public Path agentLock() {
        return runDirectory.resolve("agent.lock");
    }

    /** wire-proxy's answer to the token. */
    public Path proxyAnswer() {
        return runDirectory.resolve("proxy");
    }

    /** What each sidecar says of itself, a file for each. */
    public Path healthDirectory() {
        return runDirectory.resolve("health");
    }

    /** The supervisor's mailbox. */
    public Path supervisorDirectory() {
        return runDirectory.resolve("supervisor");
    }

    /** The configuration files that Postgres runs with. */
    public Path postgresConfigurationDirectory() {
        return runDirectory.resolve("conf");
    }

    /** Where Postgres puts its Unix socket. */
    public Path socketDirectory() {
        return runDirectory.resolve("sql");
    }

    /** Postgres's Unix socket itself. */
    public Path socket() {
        return socketDirectory().resolve(".s.PGSQL." + postgresPort);
    }

    /** What extension-loader has made loadable in this pod. */
    public Path installedExtensions() {
        return runDirectory.resolve("extensions").resolve("installed.json");
    }

    /** Where Postgres writes its logs. */
    public Path postgresLogDirectory() {
        return logDirectory.resolve("postgres");
    }

    /** Where the sidecars write their logs. */
    public Path sidecarLogDirectory() {
        return logDirectory.resolve("sidecars");
    }

    /** The file with the password of a Postgres role. */
    public Path credential(String role) {
        return credentialsDirectory.resolve(role);
    }
}
