package org.pgpod.wireproxy;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.wireproxy.channel.Arrivals;
import org.pgpod.wireproxy.channel.ConnectionLimit;
import org.pgpod.wireproxy.channel.Console;
import org.pgpod.wireproxy.channel.Door;
import org.pgpod.wireproxy.channel.EventLoops;
import org.pgpod.wireproxy.channel.Forwarding;
import org.pgpod.wireproxy.channel.Listener;
import org.pgpod.wireproxy.channel.Pooling;
import org.pgpod.wireproxy.channel.ScramLogins;
import org.pgpod.wireproxy.channel.Surroundings;
import org.pgpod.wireproxy.channel.WaitingBytes;
import org.pgpod.wireproxy.lease.AnswerFile;
import org.pgpod.wireproxy.lease.Census;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.LeaseWatch;
import org.pgpod.wireproxy.standbys.Agents;
import org.pgpod.wireproxy.standbys.StandbyWatch;
import org.pgpod.wireproxy.standbys.Standbys;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.telemetry.ProxyMeters;
import org.pgpod.wireproxy.tls.ClientCertificates;
import org.pgpod.wireproxy.tls.PeerTls;
import org.pgpod.wireproxy.tls.ServerTls;
import org.pgpod.wireproxy.tls.TlsPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the proxy's parts from its settings, starts them in the order of what needs what, and stops them backwards. */
final class WireProxySidecar implements Sidecar {
    private static final Logger LOG = LoggerFactory.getLogger(WireProxySidecar.class);

    /** A renewed certificate is in use this soon. */
    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(2);

    /** The length of {@code sun_path} in unix(7), less the zero byte at its end. */
    private static final int SOCKET_PATH_BYTES_MAX = 107;

    private final WireProxySettings settings;
    private final SidecarContext context;
    private final Counters counters = new Counters();
    private final ProxyMeters meters;

    /** What was started, the latest first. */
    private final Deque<Runnable> stops = new ArrayDeque<>();

    private final Observation observation;

    private volatile Optional<LeaseWatch> lease = Optional.empty();
    private volatile Census census = Census.EMPTY;
    private volatile List<ServerTls> certificates = List.of();

    WireProxySidecar(WireProxySettings settings, SidecarContext context) {
        this.settings = settings;
        this.context = context;
        this.meters = new ProxyMeters(context.meters());
        this.observation = new Observation(settings, context, counters, stops);
    }

    @Override
    public void start() throws IOException {
        requireShort(context.pod().socket());
        AdminServer admin = AdminServer.bind(new InetSocketAddress(settings.adminAddress(), settings.adminPort()));
        stops.push(admin::close);
        TlsPolicy policy = ServerTls.policy(settings.tlsVersionMin(), settings.tlsCiphers());
        ClientCertificates asked = settings.certificates().certificates(settings.clientTls());
        Optional<ServerTls> clientTls = settings.clientTls() == WireProxySettings.ClientTls.DISABLED
                ? Optional.empty()
                : Optional.of(ServerTls.open(context.pod().clientCertificateDirectory(), asked, policy));
        Optional<ServerTls> peerTls = settings.peers()
                ? Optional.of(
                        ServerTls.open(context.pod().peerCertificateDirectory(), ServerTls.Verification.BOTH, policy))
                : Optional.empty();
        if (settings.primaryPort() != 0 && peerTls.isEmpty()) {
            throw new IOException(
                    "wireProxy.primaryPort is set, but wireProxy.peers is false: without the port for peers"
                            + " no pod can reach the primary of another");
        }
        Optional<Forwarding> forwarding = settings.peers()
                ? Optional.of(
                        new Forwarding(PeerTls.open(context.pod().peerCertificateDirectory()), settings.peerPort()))
                : Optional.empty();
        Cadence renewal = renewCertificates(clientTls, peerTls, forwarding);

        Optional<Standbys> standbys = settings.standbys().standbys(context.pod(), settings.peers());
        Surroundings surroundings = watchLease(forwarding, standbys);
        standbys.ifPresent(known -> watchStandbys(known, surroundings.loops()));
        Optional<Console> console =
                settings.console().console(settings, context.pod().postgresPort(), renewal::runNow);
        listen(surroundings, clientTls, asked, peerTls, console);
        meters.show(counters);
        admin.health(this::health)
                .handle("/metrics", new Exposition(context.meters())::answer)
                .start();
    }

    private static void requireShort(Path socket) throws IOException {
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > SOCKET_PATH_BYTES_MAX) {
            throw new IOException("the path of Postgres's Unix socket, " + socket + ", has " + bytes
                    + " bytes; Linux allows " + SOCKET_PATH_BYTES_MAX);
        }
    }

    private Cadence renewCertificates(
            Optional<ServerTls> clientTls, Optional<ServerTls> peerTls, Optional<Forwarding> forwarding) {
        List<ServerTls> all = new ArrayList<>();
        clientTls.ifPresent(tls -> addCertificate(all, ListenerName.CLIENTS, tls));
        peerTls.ifPresent(tls -> addCertificate(all, ListenerName.PEERS, tls));
        certificates = List.copyOf(all);
        Cadence renewal = new Cadence("certificate-renewal", CERTIFICATE_CHECK, () -> {
            certificates.forEach(ServerTls::check);
            forwarding.ifPresent(way -> way.tls().certificate().check());
        });
        stops.push(renewal::close);
        return renewal;
    }

    private void addCertificate(List<ServerTls> all, ListenerName listener, ServerTls tls) {
        all.add(tls);
        meters.gauge(
                "certificate.expiry.seconds",
                "When the certificate ends, in seconds since 1970",
                ProxyMeters.tags("listener", listener),
                tls,
                source -> source.certificate().current().expiresAt().getEpochSecond());
    }

    private void watchStandbys(Standbys standbys, EventLoops loops) {
        Agents agents = new Agents();
        stops.push(agents::close);
        StandbyWatch watch = new StandbyWatch(
                standbys, agents, settings.standbys().agentUrl(context.pod()), context.clock(), loops::review);
        Cadence looks = new Cadence("standby-watch", StandbyWatch.PAUSE, watch::look);
        stops.push(looks::close);
        if (context.meters() instanceof PrometheusMeterRegistry prometheus) {
            new StandbyGauges(standbys, context.clock()).register(prometheus.getPrometheusRegistry());
        }
    }

    private Surroundings watchLease(Optional<Forwarding> forwarding, Optional<Standbys> standbys) throws IOException {
        EventLoops loops = EventLoops.open(settings.eventLoops());
        stops.push(loops::close);
        LeaseWatch watch = new LeaseWatch(context.pod().leaseToken(), context.clock(), loops::review);
        watch.start();
        lease = Optional.of(watch);
        stops.push(watch::close);
        AnswerFile answer = new AnswerFile(context.pod().proxyAnswer(), watch, () -> {
            Optional<Census> counted = loops.census();
            counted.ifPresent(now -> census = now);
            return counted;
        });
        Cadence answers = new Cadence("proxy-answer", AnswerFile.TICK, answer::tick);
        stops.push(answers::close);
        meters.gauge("buffer.bytes", "Memory of connections' buffers", Tags.empty(), loops, EventLoops::bufferBytes);
        meters.gauge(
                "sessions.inflight", "Sessions inside a transaction", Tags.empty(), this, s -> s.census.inFlight());
        meters.gauge("sessions.parked", "Sessions kept by a hold", Tags.empty(), this, s -> s.census.parked());
        meters.gauge(
                "admitting",
                "1 if the lease lets sessions in",
                Tags.empty(),
                this,
                s -> s.refusal().isEmpty() ? 1 : 0);
        WaitingBytes waiting = new WaitingBytes(settings.waitingBytesMax());
        meters.gauge("waiting.bytes", "What clients have sent that waits", Tags.empty(), waiting, WaitingBytes::held);
        return new Surroundings(
                loops,
                watch,
                counters,
                context.pod().socket(),
                forwarding,
                standbys,
                waiting,
                settings.loginTimeout(),
                observation.watching());
    }

    private void listen(
            Surroundings surroundings,
            Optional<ServerTls> clientTls,
            ClientCertificates asked,
            Optional<ServerTls> peerTls,
            Optional<Console> console)
            throws IOException {
        Optional<Pooling> pooling = settings.pool()
                .pooling(settings.clientAuthentication(), settings.eventLoops(), settings.loginTimeout());
        pooling.ifPresent(shared -> {
            surroundings.loops().share(surroundings, shared);
            observation.showPools(surroundings.loops());
        });
        Door.Encryption encryption = settings.clientTls() == WireProxySettings.ClientTls.REQUIRED
                ? Door.Encryption.REQUIRED
                : Door.Encryption.OPTIONAL;
        ConnectionLimit clients = new ConnectionLimit(settings.clientConnectionsMax());
        Optional<ScramLogins> logins = logins(surroundings);
        Arrivals arrivals = settings.arrivals();
        Doors doors = (port, name, shared, administered) -> {
            if (port != 0) {
                open(
                        port,
                        surroundings,
                        new Door(
                                name,
                                clientTls,
                                asked,
                                encryption,
                                clients,
                                arrivals,
                                Optional.empty(),
                                logins,
                                shared,
                                administered));
            }
        };
        doors.open(settings.port(), ListenerName.CLIENTS, pooling, console);
        doors.open(settings.primaryPort(), ListenerName.PRIMARY, Optional.empty(), console);
        doors.open(settings.standbys().port(), ListenerName.STANDBYS, Optional.empty(), Optional.empty());
        if (peerTls.isPresent()) {
            open(
                    settings.peerPort(),
                    surroundings,
                    new Door(
                            ListenerName.PEERS,
                            peerTls,
                            ClientCertificates.none(),
                            Door.Encryption.REQUIRED,
                            new ConnectionLimit(settings.peerConnectionsMax()),
                            Arrivals.unlimited(),
                            Optional.of(clients),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
        }
    }

    /** Opens a door for applications, unless its port is 0. */
    private interface Doors {
        void open(int port, ListenerName name, Optional<Pooling> pooling, Optional<Console> console) throws IOException;
    }

    private Optional<ScramLogins> logins(Surroundings surroundings) throws IOException {
        return switch (settings.clientAuthentication()) {
            case RELAY -> Optional.empty();
            case SCRAM -> {
                Credential credential = new Credential(context.pod().credential(ScramLogins.ROLE));
                yield Optional.of(ScramLogins.of(surroundings, credential));
            }
        };
    }

    private void open(int port, Surroundings surroundings, Door door) throws IOException {
        Listener listener = Listener.bind(new InetSocketAddress(settings.address(), port), surroundings, door);
        stops.push(listener::close);
        Tags tags = ProxyMeters.tags("listener", door.name());
        if (door.name() == ListenerName.CLIENTS || door.name() == ListenerName.PEERS) {
            meters.gauge(
                    "connections.open", "Connections, logged in or not", tags, door.limit(), ConnectionLimit::open);
        }
        meters.gauge(
                "sessions.active",
                "Sessions with Postgres",
                tags,
                counters,
                c -> c.active(door.name()).sum());
        LOG.info("listening listener={} address={} tls={}", door.name(), listener.address(), tlsName(door));
    }

    private static String tlsName(Door door) {
        return door.tls().isEmpty() ? "off" : ServerTls.providerName();
    }

    /** Why no writer may come in now; empty when one may, or when this is a standby that serves readers. */
    private Optional<String> refusal() {
        if (lease.isEmpty()) {
            return Optional.of("not started");
        }
        LeaseView view = lease.get().view();
        if (!view.hasRoleAt(lease.get().nowMillis())) {
            return Optional.of(view.reason().isEmpty() ? "the lease has ended" : view.reason());
        }
        boolean closed = view.phase() == Phase.CATCHUP || view.phase() == Phase.CUT;
        return closed ? Optional.of("phase " + view.phase().name().toLowerCase(Locale.ROOT)) : Optional.empty();
    }

    @Override
    public Health health() {
        Map<String, String> details = new TreeMap<>();
        lease.ifPresent(watch -> {
            details.put("role", watch.view().role().name());
            details.put("phase", watch.view().phase().name());
        });
        details.put("sessions", Integer.toString(census.sessions()));
        for (ServerTls tls : certificates) {
            tls.problem().ifPresent(problem -> details.put("certificate", problem));
            if (tls.certificate().current().expiresAt().isBefore(Instant.now())) {
                details.put("certificate", "a certificate has expired");
            }
        }
        Optional<String> refusal = refusal();
        refusal.ifPresent(reason -> details.put("reason", reason));
        return new Health(true, refusal.isEmpty(), details);
    }

    @Override
    public void stop() {
        while (!stops.isEmpty()) {
            stops.pop().run();
        }
    }
}
