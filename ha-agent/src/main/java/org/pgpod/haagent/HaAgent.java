package org.pgpod.haagent;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.haagent.act.ConfigMapStore;
import org.pgpod.haagent.act.ConfigurationFiles;
import org.pgpod.haagent.act.DatabaseWriter;
import org.pgpod.haagent.act.HookRunner;
import org.pgpod.haagent.act.InitialContentWriter;
import org.pgpod.haagent.act.LeaseWriter;
import org.pgpod.haagent.act.Pods;
import org.pgpod.haagent.act.SlotWriter;
import org.pgpod.haagent.act.SupervisorMailbox;
import org.pgpod.haagent.act.TokenFile;
import org.pgpod.haagent.api.AgentMeters;
import org.pgpod.haagent.api.PatroniMeters;
import org.pgpod.haagent.api.PromiseEndpoint;
import org.pgpod.haagent.api.RestApi;
import org.pgpod.haagent.api.Situation;
import org.pgpod.haagent.client.AgentAddresses;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.client.AgentTls;
import org.pgpod.haagent.client.ApiMeters;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.client.PeerAgents;
import org.pgpod.haagent.client.PostgresGreeting;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.client.PromiseSeal;
import org.pgpod.haagent.client.ScriptSession;
import org.pgpod.haagent.client.TokenBucket;
import org.pgpod.haagent.conf.PeerAccess;
import org.pgpod.haagent.conf.PostgresLayout;
import org.pgpod.haagent.conf.PostgresRole;
import org.pgpod.haagent.loop.AgentLoop;
import org.pgpod.haagent.loop.OutlookWatch;
import org.pgpod.haagent.loop.Ports;
import org.pgpod.haagent.loop.SidecarEvents;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.observe.CatalogReader;
import org.pgpod.haagent.observe.DatabaseReader;
import org.pgpod.haagent.observe.HealthFiles;
import org.pgpod.haagent.observe.InstalledLibraries;
import org.pgpod.haagent.observe.LeaseReader;
import org.pgpod.haagent.observe.OutlookReader;
import org.pgpod.haagent.observe.ProxyFile;
import org.pgpod.haagent.observe.RemoteReader;
import org.pgpod.haagent.observe.SlotReader;
import org.pgpod.haagent.observe.SupervisorReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of one pod, put together from its parts. Stopping it changes nothing in Postgres: a primary's token ends by
 * itself, unless another run of the agent takes it up in time.
 */
final class HaAgent implements Sidecar {
    private static final Logger LOG = LoggerFactory.getLogger(HaAgent.class);

    /** What member Leases say of themselves to people who look at them; nothing is decided by it. */
    private static final Duration MEMBER_LEASE = Duration.ofSeconds(30);

    /** The credential that callers of the REST interface present. */
    private static final String REST_TOKEN = "pgpod_rest";

    private static final Duration RELAY_CONNECT = Duration.ofSeconds(5);

    private final HaAgentOptions options;
    private final SidecarContext context;
    private final PodSettings pod;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private volatile Optional<Situation.Source> situations = Optional.empty();

    HaAgent(HaAgentOptions options, SidecarContext context) {
        this.options = options;
        this.context = context;
        this.pod = context.pod();
    }

    @Override
    public void start() throws IOException {
        opened(AgentLock.take(pod.agentLock()));
        Optional<AgentTls> tls = options.restTls().open(pod.peerCertificateDirectory());
        tls.ifPresent(this::opened);
        List<AdminServer> servers = servers(tls);
        OwnPod self = self();
        // Nothing else may stand before a renewal: Leases have connections of their own, and no limit but the loop's
        // pace.
        KubernetesApi leases = kubernetes(Optional.empty());
        KubernetesApi others = kubernetes(
                Optional.of(new TokenBucket(options.kubernetesQps(), options.kubernetesBurst(), System::nanoTime)));
        AgentAddresses addresses = new AgentAddresses(options.restTls().port());
        Ports ports = ports(self.holder(), leases, others, tls, addresses);
        AgentLoop loop = new AgentLoop(ports, self, options.loop());
        Situation.Source source = new Situation.Source(
                context.clock(), self, options.loop(), loop, ports.token(), ports.wallClock(), addresses);
        situations = Optional.of(source);
        new AgentMeters(source).bindTo(context.meters());
        new PatroniMeters(source).bindTo(context.meters());
        serve(servers, source, tls);
        loop.start();
        watch(ports, loop, new OutlookReader(others, names(), self));
        LOG.info(
                "started cluster={} pod={} preset leaseSeconds={} admin={}",
                pod.cluster(),
                pod.name(),
                options.loop().timings().leaseDuration().toSeconds(),
                servers.stream().map(AdminServer::address).toList());
    }

    /** The plain one first, which stays for probes and scrapes. */
    private List<AdminServer> servers(Optional<AgentTls> tls) throws IOException {
        List<AdminServer> servers = new ArrayList<>();
        servers.add(opened(AdminServer.bind(new InetSocketAddress(options.adminAddress(), options.adminPort()))));
        if (tls.isPresent()) {
            int port = options.restTls().port().orElseThrow();
            servers.add(opened(AdminServer.bind(
                    new InetSocketAddress(options.adminAddress(), port),
                    tls.get().server())));
        }
        return servers;
    }

    private void serve(List<AdminServer> servers, Situation.Source source, Optional<AgentTls> tls) {
        Path token = options.restTokenFile().orElseGet(() -> pod.credential(REST_TOKEN));
        boolean certificates = tls.filter(AgentTls::asksForCertificates).isPresent();
        if (!certificates && !Files.isReadable(token)) {
            LOG.warn("nothing can be changed over REST: no restClientCa, and nothing to read tokenFile={}", token);
        }
        RestApi rest = new RestApi(source, new Credential(token), tls, opened(new AgentHttp(tls, RELAY_CONNECT)));
        PromiseEndpoint promises = new PromiseEndpoint(seal(), source.loop());
        for (AdminServer server : servers) {
            rest.serve(server);
            promises.serve(server);
            server.health(this::health).metrics(this::scrape).start();
        }
    }

    /** What runs in the loop's lanes beside its decisions. */
    private void watch(Ports ports, AgentLoop loop, OutlookReader outlook) {
        new SidecarEvents(
                        new HealthFiles(pod.healthDirectory(), context.clock()),
                        ports.libraries(),
                        ports.pods(),
                        context.clock())
                .start(ports.scheduler());
        OutlookWatch.Extent extent =
                options.moveFromCordonedNode() ? OutlookWatch.Extent.POD_AND_NODE : OutlookWatch.Extent.POD;
        new OutlookWatch(outlook, extent, options.loop().timings().retryPeriod(), loop::expect)
                .start(ports.scheduler());
    }

    private ClusterNames names() {
        return new ClusterNames(pod.namespace(), pod.cluster());
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    private OwnPod self() {
        return new OwnPod(
                pod.cluster(),
                new Holder(pod.name(), pod.uid()),
                pod.address(),
                options.clientPort(),
                options.adminPort(),
                pod.node().orElse(""),
                pod.zone().orElse(""),
                options.tags(),
                context.version());
    }

    private Ports ports(
            Holder self, KubernetesApi leases, KubernetesApi others, Optional<AgentTls> tls, AgentAddresses addresses) {
        ClusterNames names = names();
        SupervisorReader supervisor =
                new SupervisorReader(pod.supervisorDirectory(), pod.volumeDirectory(), context.clock());
        PostgresLayout layout = layout();
        LocalPostgres postgres = postgres(layout);
        Pods pods = opened(new Pods(others, names, self, ZonedDateTime::now, System::nanoTime));
        return new Ports(
                context.clock(),
                // Opened last, and so closed first: nothing runs any more when the rest is closed.
                opened(new LaneThreads()),
                new KubernetesLeases(
                        new LeaseReader(leases, names),
                        new LeaseWriter(leases, names, MEMBER_LEASE, ZonedDateTime::now)),
                pods,
                new SupervisorFiles(
                        supervisor,
                        new SupervisorMailbox(pod.supervisorDirectory(), context.clock(), supervisor::readState)),
                postgres,
                postgres,
                new ConfigurationFiles(layout, pod.credentialsDirectory(), options.initdbOptions()),
                new TokenFile(pod.leaseToken()),
                new ProxyFile(pod.proxyAnswer(), context.clock()),
                new InstalledLibraries(pod.installedExtensions()),
                opened(new PeerAgents(
                        seal(), new AgentHttp(tls, options.loop().timings().retryPeriod()), addresses)),
                new ConfigMapStore(others, names),
                new CatalogReader(session(PostgresRole.PGPOD_AGENT)),
                Instant::now,
                new RemoteReader(layout.remote()),
                hooks());
    }

    private HookRunner hooks() {
        return new HookRunner(
                options.hooks(),
                new HookRunner.Login(
                        options.listenAddress(),
                        pod.postgresPort(),
                        PostgresRole.POSTGRES.text(),
                        new Credential(pod.credential(PostgresRole.POSTGRES.text()))),
                Map.of(
                        "PGPOD_CLUSTER", pod.cluster(),
                        "PGPOD_NAMESPACE", pod.namespace(),
                        "PGPOD_POD", pod.name()));
    }

    private PromiseSeal seal() {
        return new PromiseSeal(new Credential(pod.credential(PostgresRole.PGPOD_REPLICATION.text())));
    }

    private KubernetesApi kubernetes(Optional<TokenBucket> limit) {
        Config config = options.kubernetesUrl()
                .map(url -> new ConfigBuilder(Config.empty())
                        .withMasterUrl(url.toString())
                        .build())
                .orElseGet(() -> Config.autoConfigure(null));
        return opened(KubernetesApi.open(
                config, options.loop().timings().retryPeriod(), limit, new ApiMeters(context.meters())));
    }

    private PostgresLayout layout() {
        Path libpqPasswords = pod.supervisorDirectory().resolve("private").resolve("pgpass");
        return new PostgresLayout(
                pod.cluster(),
                options.listenAddress(),
                pod.postgresPort(),
                pod.socketDirectory(),
                pod.postgresConfigurationDirectory(),
                pod.postgresLogDirectory(),
                options.logFormat(),
                new PeerAccess(
                        options.peerPort(), options.peerSecurity(), pod.peerCertificateDirectory(), libpqPasswords),
                options.standby().access(pod.credential(PostgresRole.PGPOD_REPLICATION.text()), libpqPasswords),
                options.parameters(),
                options.tuning(),
                options.tags().applyDelay().orElse(Duration.ZERO));
    }

    private LocalPostgres postgres(PostgresLayout layout) {
        PostgresSession slots = session(PostgresRole.PGPOD_AGENT);
        return new LocalPostgres(
                new DatabaseReader(
                        session(PostgresRole.PGPOD_AGENT), session(PostgresRole.POSTGRES), layout.parameterFile()),
                new DatabaseWriter(
                        session(PostgresRole.PGPOD_AGENT), session(PostgresRole.POSTGRES), pod.credentialsDirectory()),
                new PostgresGreeting(options.listenAddress(), pod.postgresPort()),
                new InitialContentWriter(
                        new ScriptSession(
                                options.listenAddress(),
                                pod.postgresPort(),
                                PostgresRole.POSTGRES.text(),
                                new Credential(pod.credential(PostgresRole.POSTGRES.text()))),
                        options.bootstrap().content()),
                new SlotReader(slots),
                new SlotWriter(slots, database -> session(PostgresRole.PGPOD_AGENT, database)));
    }

    private PostgresSession session(PostgresRole role) {
        return opened(session(role, "postgres"));
    }

    private PostgresSession session(PostgresRole role, String database) {
        return new PostgresSession(
                options.listenAddress(),
                pod.postgresPort(),
                role.text(),
                new Credential(pod.credential(role.text())),
                database);
    }

    private String scrape() {
        return context.meters() instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "";
    }

    @Override
    public Health health() {
        return situations.map(source -> source.now().health()).orElseGet(() -> Health.notReady("not started"));
    }

    @Override
    public void stop() {
        while (!opened.isEmpty()) {
            AutoCloseable resource = opened.pop();
            try {
                resource.close();
            } catch (Exception failed) {
                LOG.warn("not closed in order resource={}", resource.getClass().getSimpleName(), failed);
            }
        }
    }
}
