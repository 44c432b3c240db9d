package org.pgpod.image.pod;

/** Where things are inside the containers of a pod: the defaults of the configuration section {@code pod}. */
final class Layout {
    static final String RUN = "/run/pgpod";
    static final String VOLUME_DIRECTORY = "/var/lib/pgpod";
    static final String DATA_NAME = "data";
    static final String DATA = VOLUME_DIRECTORY + "/" + DATA_NAME;
    static final String LOGS = "/var/log/pgpod";
    static final String POSTGRES_LOGS = LOGS + "/postgres";
    static final String SIDECAR_LOGS = LOGS + "/sidecars";
    static final String EXTENSIONS = "/var/lib/pgpod-extensions";

    /** Where an init container shows extension-loader the image of the server. */
    static final String SERVER_IMAGE = "/var/lib/pgpod-image";

    static final String CREDENTIALS = "/etc/pgpod/credentials";
    static final String CLIENT_CERTIFICATE = "/etc/pgpod/tls/client";
    static final String PEER_CERTIFICATE = "/etc/pgpod/tls/peer";
    static final String CONFIGURATION_DIRECTORY = "/etc/pgpod";
    static final String CONFIGURATION = CONFIGURATION_DIRECTORY + "/pgpod.yaml";
    static final String SUPERVISOR_DIRECTORY = "/opt/pgpod/supervisor";
    static final String SUPERVISOR = SUPERVISOR_DIRECTORY + "/pgpod-supervisor";
    static final String API_ACCESS = "/var/run/secrets/kubernetes.io/serviceaccount";

    /** User id of every sidecar; Postgres must run under another one. */
    static final long SIDECAR_UID = 10001;

    /** Group shared by Postgres and the sidecars, unless the template names an fsGroup. */
    static final long SHARED_GROUP = 10000;

    static final String CLUSTER_LABEL = "pgpod.org/cluster";
    static final String ROLE_LABEL = "pgpod.org/role";

    /** Template annotation: the version that injected it. Its presence makes everything of pgpod's names replaceable. */
    static final String INJECTED = "pgpod.org/injected";

    /** Annotation: which container is Postgres. */
    static final String CONTAINER = "pgpod.org/container";

    /** Annotation {@code pgpod.org/inject: "false"}: leave this object alone. */
    static final String INJECT = "pgpod.org/inject";

    /** Template annotation: where the data directory was in the template before injection, if it was not where pgpod has it. */
    static final String FORMER_PGDATA = "pgpod.org/former-pgdata";

    /** Prefix of the volumes that injection adds. */
    static final String VOLUME_PREFIX = "pgpod-";

    /** Format of the template, raised when an older injected template must be told apart. */
    static final String VERSION = "0.1.0";

    private Layout() {}
}
