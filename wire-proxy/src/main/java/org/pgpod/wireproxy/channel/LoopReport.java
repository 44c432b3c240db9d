package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.pgpod.wireproxy.console.DatabaseLine;
import org.pgpod.wireproxy.console.PoolLine;
import org.pgpod.wireproxy.console.Report;
import org.pgpod.wireproxy.console.SocketLine;
import org.pgpod.wireproxy.console.SocketLine.Endpoint;
import org.pgpod.wireproxy.pool.PoolCounts;
import org.pgpod.wireproxy.pool.PoolKey;

/** Tells what one event loop has at this moment, on that loop. */
final class LoopReport {
    private final LoopPools pools;
    private final List<PooledSession> sessions;
    private final long nowMillis;

    private LoopReport(LoopPools pools, Collection<ClientSession> sessions, long nowMillis) {
        this.pools = pools;
        this.sessions = sessions.stream()
                .filter(PooledSession.class::isInstance)
                .map(PooledSession.class::cast)
                .toList();
        this.nowMillis = nowMillis;
    }

    static Report of(LoopPools pools, Collection<ClientSession> sessions, long nowMillis) {
        LoopReport report = new LoopReport(pools, sessions, nowMillis);
        return new Report(report.databases(), report.pools(), report.clients(), report.servers());
    }

    private List<DatabaseLine> databases() {
        Set<String> names = new TreeSet<>(pools.traffic().databases());
        names.addAll(pools.admission().disabled());
        names.addAll(pools.pausedDatabases());
        return names.stream()
                .map(name -> new DatabaseLine(
                        name,
                        pools.traffic().of(name).total(),
                        pools.traffic().of(name).period(),
                        pools.isPaused(name),
                        pools.admission().disabled().contains(name)))
                .toList();
    }

    private List<PoolLine> pools() {
        List<PoolLine> lines = new ArrayList<>();
        for (PoolCounts counts : pools.counts()) {
            lines.add(new PoolLine(
                    counts.key().database(),
                    counts.key().user(),
                    0,
                    0,
                    0,
                    counts.active(),
                    0,
                    counts.idle(),
                    counts.resetting(),
                    counts.opening(),
                    counts.longestWaitMillis()));
        }
        for (PooledSession session : sessions) {
            boolean waiting = session.tenancy().isQueuing();
            lines.add(clients(session.tenancy().key(), waiting ? 0 : 1, waiting ? 1 : 0));
        }
        for (LoopPools.Held held : pools.servers()) {
            ServerCancels cancels = held.connection().cancels();
            if (cancels.underway() > 0) {
                lines.add(cancelling(
                        held.key(),
                        cancels.underway(),
                        held.connection().pipeline().atRest() ? 1 : 0));
            }
        }
        return lines;
    }

    private static PoolLine clients(PoolKey key, int active, int waiting) {
        return new PoolLine(key.database(), key.user(), active, waiting, 0, 0, 0, 0, 0, 0, 0);
    }

    private static PoolLine cancelling(PoolKey key, int requests, int waitingServers) {
        return new PoolLine(key.database(), key.user(), 0, 0, requests, 0, waitingServers, 0, 0, 0, 0);
    }

    private List<SocketLine> clients() {
        return sessions.stream().map(LoopReport::client).toList();
    }

    private static SocketLine client(PooledSession session) {
        Tenancy tenancy = session.tenancy();
        Channel channel = session.client();
        boolean waiting = tenancy.isQueuing();
        long asked = TimeUnit.NANOSECONDS.toMillis(tenancy.traffic().sinceAskedNanos());
        ServerConnection server = tenancy.server();
        return new SocketLine(
                tenancy.key().user(),
                tenancy.key().database(),
                waiting ? "waiting" : "active",
                ClientAddress.of(channel)
                        .map(from -> new Endpoint(from.address().getHostAddress(), from.port()))
                        .orElseGet(() -> endpoint(channel.remoteAddress())),
                endpoint(channel.localAddress()),
                TimeUnit.NANOSECONDS.toMillis(tenancy.traffic().ageNanos()),
                asked,
                waiting ? asked : 0,
                false,
                number(channel),
                server == null ? "" : number(server.channel()),
                0,
                tls(channel),
                tenancy.settings().getOrDefault("application_name", ""));
    }

    private List<SocketLine> servers() {
        return pools.servers().stream().map(this::server).toList();
    }

    private SocketLine server(LoopPools.Held held) {
        ServerConnection server = held.connection();
        PooledSession owner = server.owner();
        long age = nowMillis - held.sinceMillis();
        return new SocketLine(
                held.key().user(),
                held.key().database(),
                owner != null ? "active" : server.atRest() ? "idle" : "tested",
                endpoint(server.channel().remoteAddress()),
                endpoint(server.channel().localAddress()),
                age,
                owner == null
                        ? age
                        : TimeUnit.NANOSECONDS.toMillis(
                                owner.tenancy().traffic().sinceAskedNanos()),
                0,
                server.isRetired(),
                number(server.channel()),
                owner == null ? "" : number(owner.client()),
                server.cancels().processId(),
                tls(server.channel()),
                server.settings().getOrDefault("application_name", ""));
    }

    private static String number(Channel channel) {
        return "0x" + channel.id().asShortText();
    }

    /** Postgres on its Unix socket is called as PgBouncer calls it. */
    private static Endpoint endpoint(SocketAddress address) {
        return address instanceof InetSocketAddress internet && internet.getAddress() != null
                ? new Endpoint(internet.getAddress().getHostAddress(), internet.getPort())
                : new Endpoint("unix", 0);
    }

    private static String tls(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return "";
        }
        var session = tls.engine().getSession();
        return session.getProtocol() + "/" + session.getCipherSuite();
    }
}
