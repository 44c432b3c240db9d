package org.pgpod.wireproxy;

import io.micrometer.core.instrument.Tags;
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
import org.pgpod.wireproxy.lease.AnswerFile;
import org.pgpod.wireproxy.lease.Census;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.LeaseWatch;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.ListenerName;
import org.pgpod.wireproxy.telemetry.ProxyMeters;
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
        Optional<ServerTls> clientTls = settings.clientTls() == WireProxySettings.ClientTls.DISABLED
                ? Optional.empty()
                : Optional.of(ServerTls.open(
                        context.pod().clientCertificateDirectory(), ServerTls.Verification.SERVER, policy));
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

        Surroundings surroundings = watchLease(forwarding);
        Optional<Console> console =
                settings.console().console(settings, context.pod().postgresPort(), renewal::runNow);
        listen(surroundings, clientTls, peerTls, console);
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
            certificates.forEach(tls -> tls.certificate().check());
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

    private Surroundings watchLease(Optional<Forwarding> forwarding) throws IOException {
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
        return new Surroundings(
                loops,
                watch,
                counters,
                context.pod().socket(),
                forwarding,
                settings.loginTimeout(),
                observation.watching());
    }

    private void listen(
            Surroundings surroundings,
            Optional<ServerTls> clientTls,
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
        open(
                settings.port(),
                surroundings,
                new Door(
                        ListenerName.CLIENTS,
                        clientTls,
                        encryption,
                        clients,
                        settings.arrivals(),
                        Optional.empty(),
                        logins,
                        pooling,
                        console));
        if (settings.primaryPort() != 0) {
            open(
                    settings.primaryPort(),
                    surroundings,
                    new Door(
                            ListenerName.PRIMARY,
                            clientTls,
                            encryption,
                            clients,
                            settings.arrivals(),
                            Optional.empty(),
                            logins,
                            Optional.empty(),
                            console));
        }
        if (peerTls.isPresent()) {
            open(
                    settings.peerPort(),
                    surroundings,
                    new Door(
                            ListenerName.PEERS,
                            peerTls,
                            Door.Encryption.REQUIRED,
                            new ConnectionLimit(settings.peerConnectionsMax()),
                            Arrivals.unlimited(),
                            Optional.of(clients),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
        }
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
        if (door.name() != ListenerName.PRIMARY) {
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
            tls.certificate().problem().ifPresent(problem -> details.put("certificate", problem));
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
