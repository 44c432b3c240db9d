package org.pgpod.haagent;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.conf.PeerAccess;
import org.pgpod.haagent.conf.PostgresLayout;
import org.pgpod.haagent.conf.ServerParameters;
import org.pgpod.haagent.conf.Tuning;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.StorageSettings;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Tags;

/**
 * The section {@code haAgent}.
 *
 * @param loop what the loop and its decisions need
 * @param tags what people say of this member
 * @param adminAddress where REST, health and metrics are served
 * @param restTokenFile the token of those who may change something over REST; empty for the usual credential file
 * @param restTls how REST is protected besides
 * @param hooks what is done at each event
 * @param kubernetesUrl an API without credentials; empty to find one as every Kubernetes client does
 * @param kubernetesQps how many requests a second the agent sends in the long run, besides those about Leases
 * @param kubernetesBurst how many of these it sends at once
 * @param moveFromCordonedNode whether the primary leaves a node that was cordoned
 * @param listenAddress the loopback address of Postgres
 * @param clientPort where this pod takes clients, for other members to know
 * @param peerPort where every pod takes its peers
 * @param peerSecurity how the connections between members are protected
 * @param logFormat of Postgres's log
 * @param parameters of Postgres, besides the managed ones
 * @param tuning what follows from the limits of the Postgres container
 * @param initdbOptions besides those that are always given
 * @param bootstrap how a cluster begins
 * @param standby how another cluster is reached that this one follows
 */
record HaAgentOptions(
        HaAgentSettings loop,
        Tags tags,
        String adminAddress,
        int adminPort,
        Optional<Path> restTokenFile,
        RestTlsOptions restTls,
        Map<Hook.Event, List<Hook>> hooks,
        Optional<URI> kubernetesUrl,
        int kubernetesQps,
        int kubernetesBurst,
        boolean moveFromCordonedNode,
        String listenAddress,
        int clientPort,
        int peerPort,
        PeerAccess.Security peerSecurity,
        PostgresLayout.LogFormat logFormat,
        Map<String, String> parameters,
        Tuning tuning,
        List<String> initdbOptions,
        BootstrapOptions bootstrap,
        StandbyOptions standby) {

    private static final Duration DAY = Duration.ofDays(1);
    private static final int SYNCHRONOUS_NODES_MAX = 16;
    private static final long LAG_MAX = 1L << 40;

    private static final Option<LeaseTimings.Preset> PRESET = Options.choice(
                    "leasePreset",
                    LeaseTimings.Preset.class,
                    "How soon a silent primary is replaced: after 6 s (fast), 15 s (normal) or 45 s (wide). Shorter means more"
                            + " requests to the API and less patience with a slow one.")
            .withDefault("normal");
    private static final Option<Long> LAG = Options.bytes(
                    "maximumLagOnFailover",
                    0,
                    LAG_MAX,
                    "How much WAL a standby may lack, against what the last primary recorded, to be elected.")
            .withDefault("1MiB");
    private static final Option<Duration> PRIMARY_START = Options.duration(
                    "primaryStartTimeout",
                    Duration.ofSeconds(5),
                    DAY,
                    "How long an elected member may take to open its Postgres, and a crashed primary to come back.")
            .withDefault("60s");
    private static final Option<Duration> LOOP = Options.duration(
                    "loopInterval",
                    Duration.ofMillis(100),
                    Duration.ofSeconds(10),
                    "How often the pod is looked at when nothing happens.")
            .withDefault("500ms");
    private static final Option<Duration> HOLD = Options.duration(
                    "holdTimeout",
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(5),
                    "How long a switchover may hold clients before it is given up.")
            .withDefault("15s");
    private static final Option<Duration> DRAIN = Options.duration(
                    "drainTimeout",
                    Duration.ZERO,
                    Duration.ofMinutes(5),
                    "How long a switchover waits for running transactions before it ends them.")
            .withDefault("3s");
    private static final Option<Duration> SHUTDOWN = Options.duration(
                    "shutdownTimeout",
                    Duration.ofSeconds(1),
                    Duration.ofHours(1),
                    "How long a fast stop may take before it is given up or becomes an immediate one.")
            .withDefault("10s");
    private static final Option<Duration> START = Options.duration(
                    "startTimeout", Duration.ofSeconds(1), DAY, "How long one start of a standby may take.")
            .withDefault("30s");
    private static final Option<Duration> TOOL = Options.duration(
                    "toolTimeout",
                    Duration.ofSeconds(10),
                    Duration.ofDays(30),
                    "The limit of each initdb, restore, clone, rewind and crash recovery, and of the SQL of a bootstrap.")
            .withDefault("6h");
    private static final Option<SynchronousSettings.Mode> SYNCHRONOUS_MODE = Options.choice(
                    "synchronousMode",
                    SynchronousSettings.Mode.class,
                    "Whether commits wait for standbys: never (off), for each of the chosen ones (on), or for any that are"
                            + " fast enough (quorum). The primary's value counts.")
            .withDefault("off");
    private static final Option<Boolean> SYNCHRONOUS_STRICT = Options.flag(
                    "synchronousModeStrict",
                    "Whether commits wait when there is no standby to confirm them; otherwise the primary goes on alone.")
            .withDefault("false");
    private static final Option<Integer> SYNCHRONOUS_NODES = Options.number(
                    "synchronousNodeCount",
                    1,
                    SYNCHRONOUS_NODES_MAX,
                    "How many standbys every acknowledged commit reaches, if that many are streaming.")
            .withDefault("1");
    private static final Option<StorageSettings.OnFailure> STORAGE_FAILURE = Options.choice(
                    "onStorageFailure",
                    StorageSettings.OnFailure.class,
                    "What becomes of a primary whose volume is full, fails or hangs: another member takes over if one can"
                            + " (failover), Postgres is stopped until the volume is well and nobody takes over (fence), or"
                            + " people are told and nothing is done (wait).")
            .withDefault("failover");
    private static final Option<Duration> STORAGE_TIMEOUT = Options.duration(
                    "storageTimeout",
                    Duration.ofSeconds(3),
                    Duration.ofHours(1),
                    "How long one small write to the volume may take before the disk counts as stuck. At least the time in"
                            + " which the preset renews its Lease: 3 s (fast), 10 s (normal), 30 s (wide).")
            .withDefault("30s");
    private static final Option<Duration> HANG = Options.duration(
                    "hangTimeout",
                    Duration.ZERO,
                    DAY,
                    "How long Postgres may leave new sessions without a first word before it is killed and started again;"
                            + " a primary that hangs twice within 10 minutes hands over. `0s`: it is left alone.")
            .withDefault("30s");
    private static final Option<List<String>> PREFERRED_ZONES = Options.list(
                    "preferredZones",
                    "Zones in which the primary should rather be, the best first. They decide among members with the same"
                            + " WAL and priority; all members should say the same.")
            .withDefault("");
    private static final Option<Duration> PREFERENCE_DELAY = Options.duration(
                    "preferenceDelay",
                    Duration.ZERO,
                    DAY,
                    "How long a member of higher `failoverPriority`, or of equal priority in a better zone, must have"
                            + " streamed closely before the primary is handed to it. `0s` leaves the primary where it is.")
            .withDefault("0s");
    private static final Option<Duration> SLOTS = Options.duration(
                    "memberSlotsTtl",
                    Duration.ofSeconds(1),
                    Duration.ofDays(30),
                    "How long the replication slot of a member that is gone keeps WAL, on every member; `member_slots_ttl` of the"
                            + " dynamic configuration goes before it.")
            .withDefault("30min");
    private static final Option<Map<String, String>> TAGS = PairsOption.of(
            "tags",
            "What people say of this member, as `name=value`: `nofailover`, `failoverPriority`, `nosync`, `noloadbalance`, or"
                    + " names of your own.");
    private static final Option<String> ADMIN_ADDRESS = Options.text(
                    "adminAddress", "Where REST, health and metrics are served.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> ADMIN_PORT =
            Options.port("adminPort", 8008, "The port of REST, health and metrics.");
    private static final Option<Optional<String>> REST_TOKEN = Options.optionalText(
            "restTokenFile",
            "The file with the bearer token that callers of REST present who want to change something; the file"
                    + " `pgpod_rest` of the credentials if left out. Replacing the file replaces the token. Without such a"
                    + " file nothing can be changed over REST.");
    private static final Option<Optional<String>> KUBERNETES = Options.optionalText(
            "kubernetesUrl",
            "The URL of a Kubernetes API that asks for no credentials. Empty to use the pod's service account or the"
                    + " current kubeconfig.");
    private static final Option<Integer> KUBERNETES_QPS = Options.number(
                    "kubernetesQps",
                    1,
                    1_000,
                    "How many requests a second the agent sends to the API in the long run. Leases are not counted: what"
                            + " they need is given by the preset, and nothing may stand before a renewal.")
            .withDefault("10");
    private static final Option<Integer> KUBERNETES_BURST = Options.number(
                    "kubernetesBurst", 1, 10_000, "How many requests, besides those about Leases, may go out at once.")
            .withDefault("20");
    private static final Option<Boolean> CORDON = Options.flag(
                    "moveFromCordonedNode",
                    "Whether the primary moves to a member on another node when its node is cordoned. Needs the right to"
                            + " read nodes: the component `node-reader` of the base.")
            .withDefault("false");
    private static final Option<String> LISTEN = Options.text(
                    "postgresListenAddress",
                    "The loopback address on which Postgres listens for the sidecars of its pod.")
            .withDefault("127.0.0.1");
    private static final Option<Integer> CLIENT_PORT =
            Options.port("clientPort", 5432, "Where this pod takes clients: wire-proxy's port.");
    private static final Option<Integer> PEER_PORT = Options.port(
            "peerPort", 5434, "Where every pod of the cluster takes replication: wire-proxy's port for peers.");
    private static final Option<PeerAccess.Security> PEER_SECURITY = Options.choice(
                    "peerSecurity",
                    PeerAccess.Security.class,
                    "How connections between members are protected: by the authority of the peer certificate, by the"
                            + " address in it as well, or not at all, which also admits replication on loopback.")
            .withDefault("verify-ca");
    private static final Option<PostgresLayout.LogFormat> LOG_FORMAT = Options.choice(
                    "logFormat",
                    PostgresLayout.LogFormat.class,
                    "The structured format of Postgres's log; jsonlog needs Postgres 15.")
            .withDefault("jsonlog");
    private static final Option<Map<String, String>> PARAMETERS = PairsOption.of(
            "parameters",
            "Parameters of Postgres, a list of `name=value`. Those on which the cluster depends are managed and refused.");
    private static final Option<List<String>> INITDB = Options.list(
                    "initdbOptions", "Options of initdb for the first data directory of the cluster.")
            .withDefault("--encoding=UTF8,--locale=C.UTF-8,--data-checksums");

    static final SectionSchema SCHEMA = new SectionSchema(
            "haAgent",
            "Keeps the cluster with one primary, and the local Postgres in its place.",
            BootstrapOptions.after(List.of(
                    PRESET,
                    LAG,
                    PRIMARY_START,
                    LOOP,
                    HOLD,
                    DRAIN,
                    SHUTDOWN,
                    START,
                    TOOL,
                    SYNCHRONOUS_MODE,
                    SYNCHRONOUS_STRICT,
                    SYNCHRONOUS_NODES,
                    STORAGE_FAILURE,
                    STORAGE_TIMEOUT,
                    HANG,
                    PREFERRED_ZONES,
                    PREFERENCE_DELAY,
                    MaintenanceOptions.WINDOW,
                    MaintenanceOptions.PENDING,
                    SLOTS,
                    TAGS,
                    ADMIN_ADDRESS,
                    ADMIN_PORT,
                    REST_TOKEN,
                    RestTlsOptions.PORT,
                    RestTlsOptions.CERTIFICATES,
                    RestTlsOptions.CLIENT_CA,
                    HookOptions.FILE,
                    KUBERNETES,
                    KUBERNETES_QPS,
                    KUBERNETES_BURST,
                    CORDON,
                    LISTEN,
                    CLIENT_PORT,
                    PEER_PORT,
                    PEER_SECURITY,
                    LOG_FORMAT,
                    PARAMETERS,
                    TuningOptions.MEMORY,
                    TuningOptions.CPUS,
                    TuningOptions.CONTAINER_MEMORY,
                    TuningOptions.CONTAINER_CPUS,
                    INITDB)));

    /** Puts the values together; what contradicts itself is reported together. */
    static HaAgentOptions from(Values values) throws ConfigurationException {
        List<String> problems = new ArrayList<>(ServerParameters.problems(values.get(PARAMETERS)));
        problems.addAll(Tags.problems(values.get(TAGS)));
        storageTimeout(values).ifPresent(problems::add);
        RestTlsOptions.from(values).problem(values.get(ADMIN_PORT)).ifPresent(problems::add);
        MaintenanceOptions.problem(values).ifPresent(problems::add);
        Optional<URI> kubernetes = values.get(KUBERNETES).flatMap(text -> url(text, problems));
        Map<Hook.Event, List<Hook>> hooks = HookOptions.from(values, problems);
        BootstrapOptions bootstrap = BootstrapOptions.from(values, problems);
        if (new Tags(values.get(TAGS)).excludesStreaming()
                && bootstrap.cloning().walCommand().isEmpty()) {
            problems.add(
                    "haAgent.tags: nostream is 'true'; it needs haAgent.cloneWalCommand, which fetches archived WAL");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new HaAgentOptions(
                loop(values).with(bootstrap.settings(), bootstrap.cloning()).with(MaintenanceOptions.from(values)),
                new Tags(values.get(TAGS)),
                values.get(ADMIN_ADDRESS),
                values.get(ADMIN_PORT),
                values.get(REST_TOKEN).map(Path::of),
                RestTlsOptions.from(values),
                hooks,
                kubernetes,
                values.get(KUBERNETES_QPS),
                values.get(KUBERNETES_BURST),
                values.get(CORDON),
                values.get(LISTEN),
                values.get(CLIENT_PORT),
                values.get(PEER_PORT),
                values.get(PEER_SECURITY),
                values.get(LOG_FORMAT),
                values.get(PARAMETERS),
                TuningOptions.from(values),
                values.get(INITDB),
                bootstrap,
                StandbyOptions.from(values));
    }

    /** A disk must not be given up while the Lease could still be renewed through a pause of the same length. */
    private static Optional<String> storageTimeout(Values values) {
        Duration least = values.get(PRESET).timings().renewDeadline();
        Duration given = values.get(STORAGE_TIMEOUT);
        return given.compareTo(least) >= 0
                ? Optional.empty()
                : Optional.of("haAgent.storageTimeout is " + given.toMillis()
                        + "ms; with this leasePreset it must be at" + " least " + least.toSeconds() + "s");
    }

    private static Optional<URI> url(String text, List<String> problems) {
        try {
            URI url = URI.create(text);
            if (url.getHost() != null && List.of("http", "https").contains(url.getScheme())) {
                return Optional.of(url);
            }
        } catch (IllegalArgumentException malformed) {
            // Reported below like every other text that is no URL of a server.
        }
        problems.add("haAgent.kubernetesUrl is '" + text + "'; it must be a URL such as http://127.0.0.1:8001");
        return Optional.empty();
    }

    private static HaAgentSettings loop(Values values) {
        HaAgentSettings standard = HaAgentSettings.of(values.get(PRESET).timings());
        return new HaAgentSettings(
                standard.timings(),
                values.get(LAG),
                values.get(PRIMARY_START),
                values.get(LOOP),
                standard.voteWait(),
                standard.rankStep(),
                standard.aliveWindow(),
                standard.memberRefresh(),
                standard.releasedGrace(),
                values.get(HOLD),
                values.get(DRAIN),
                values.get(SHUTDOWN),
                values.get(START),
                values.get(TOOL),
                new SynchronousSettings(
                        values.get(SYNCHRONOUS_MODE), values.get(SYNCHRONOUS_STRICT), values.get(SYNCHRONOUS_NODES)),
                new StorageSettings(values.get(STORAGE_FAILURE), values.get(STORAGE_TIMEOUT)),
                new PreferenceSettings(values.get(PREFERRED_ZONES), values.get(PREFERENCE_DELAY)),
                values.get(HANG),
                values.get(SLOTS));
    }
}
