package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The volumes that injection adds to a pod: each sidecar sees the secrets of its own Postgres role only. */
final class PodVolumes {
    /** Stands for the volume with Postgres's data, whose name the template decides. */
    static final String DATA = "<data>";

    static final String RUN = "pgpod-run";
    static final String LOGS = "pgpod-logs";
    static final String EXTENSIONS = "pgpod-extensions";
    static final String SERVER_IMAGE = "pgpod-server-image";
    static final String SUPERVISOR = "pgpod-supervisor";
    static final String TEMPORARY = "pgpod-tmp";
    static final String SHARED_MEMORY = "pgpod-shm";
    static final String CONFIGURATION = "pgpod-configuration";
    static final String API_ACCESS = "pgpod-api-access";
    static final String CLIENT_CERTIFICATE = "pgpod-client-tls";
    static final String PEER_CERTIFICATE = "pgpod-peer-tls";
    static final String CREDENTIALS = "pgpod-credentials";
    static final String CREDENTIALS_PROXY = "pgpod-credentials-proxy";
    static final String CREDENTIALS_EXPORTER = "pgpod-credentials-exporter";
    static final String CREDENTIALS_LOADER = "pgpod-credentials-loader";
    static final String CREDENTIALS_SHIPPER = "pgpod-credentials-shipper";

    /** Readable by owner (root) and group only: what libpq demands of a key it does not own. */
    private static final int SECRET_MODE = 0440;

    /** The roles whose passwords ha-agent sets in Postgres, and the token of those who may change something over REST. */
    static final List<String> AGENT_KEYS = List.of(
            "postgres",
            "pgpod_agent",
            "pgpod_replication",
            "pgpod_rewind",
            "pgpod_exporter",
            "pgpod_proxy",
            "pgpod_loader",
            "pgpod_rest");

    /** The role of log-shipper in the central log store: not one of this cluster, so the key may be missing. */
    static final String LOG_STORE_KEY = "pgpod_logs";

    private PodVolumes() {}

    /** All volumes of a pod of that cluster, in a fixed order. */
    static List<ObjectNode> of(String cluster) {
        String credentials = Cluster.credentialsOf(cluster);
        return List.of(
                // tmpfs, as the protocol demands: a token must not survive a reboot, nor wait for a disk.
                memory(RUN, "64Mi"),
                empty(LOGS),
                empty(EXTENSIONS),
                empty(SERVER_IMAGE),
                empty(SUPERVISOR),
                empty(TEMPORARY),
                memory(SHARED_MEMORY, "1Gi"),
                configuration(cluster),
                apiAccess(),
                secret(CLIENT_CERTIFICATE, Cluster.clientCertificateOf(cluster), List.of()),
                secret(PEER_CERTIFICATE, Cluster.peerCertificateOf(cluster), List.of()),
                secret(CREDENTIALS, credentials, AGENT_KEYS),
                secret(CREDENTIALS_PROXY, credentials, List.of("pgpod_proxy")),
                secret(CREDENTIALS_EXPORTER, credentials, List.of("pgpod_exporter")),
                secret(CREDENTIALS_LOADER, credentials, List.of("pgpod_loader")),
                optional(secret(CREDENTIALS_SHIPPER, credentials, List.of(LOG_STORE_KEY))));
    }

    private static ObjectNode volume(String name) {
        return JsonNodeFactory.instance.objectNode().put("name", name);
    }

    private static ObjectNode empty(String name) {
        ObjectNode volume = volume(name);
        volume.putObject("emptyDir");
        return volume;
    }

    private static ObjectNode memory(String name, String sizeLimit) {
        ObjectNode volume = volume(name);
        volume.putObject("emptyDir").put("medium", "Memory").put("sizeLimit", sizeLimit);
        return volume;
    }

    private static ObjectNode configuration(String cluster) {
        ObjectNode volume = volume(CONFIGURATION);
        volume.putObject("configMap").put("name", Cluster.configurationOf(cluster));
        return volume;
    }

    private static ObjectNode secret(String name, String secret, List<String> keys) {
        ObjectNode volume = volume(name);
        ObjectNode source = volume.putObject("secret").put("secretName", secret).put("defaultMode", SECRET_MODE);
        if (!keys.isEmpty()) {
            ArrayNode items = source.putArray("items");
            keys.forEach(key -> items.addObject().put("key", key).put("path", key));
        }
        return volume;
    }

    private static ObjectNode optional(ObjectNode secret) {
        Nodes.object(secret, "secret").put("optional", true);
        return secret;
    }

    /** What the kubelet would mount in every container by itself, for the one container that may have it. */
    private static ObjectNode apiAccess() {
        ObjectNode volume = volume(API_ACCESS);
        ObjectNode projected = volume.putObject("projected").put("defaultMode", SECRET_MODE);
        ArrayNode sources = projected.putArray("sources");
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("path", "token")
                .put("expirationSeconds", 3607);
        ObjectNode authority = sources.addObject().putObject("configMap").put("name", "kube-root-ca.crt");
        authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
        ArrayNode fields = sources.addObject().putObject("downwardAPI").putArray("items");
        fields.addObject().put("path", "namespace").putObject("fieldRef").put("fieldPath", "metadata.namespace");
        return volume;
    }
}
