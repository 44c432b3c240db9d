package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.LeaseWatch;
import org.pgpod.wireproxy.lease.Route;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.lease.Standing.Verdict;
import org.pgpod.wireproxy.pool.PoolKey.Server;

/**
 * How one pooled client stands towards the lease. While it has a server connection, or bytes of one have not left, it
 * stands as that connection does; a client of the primary that has nothing open outlives the term and waits, for a bounded
 * time, until the primary is known, wherever that is. Confined to its event loop.
 */
final class Outlook {
    private final LeaseWatch lease;
    private final Channel client;
    private final long patienceMillis;
    private final Standing admitted;

    /** That of the server connection it had last. */
    private Standing last;

    /** It was with the primary, and is to be with it for as long as it is there. */
    private boolean seeksPrimary;

    /** Bytes were written that are not flushed. */
    private boolean unflushed;

    /** Since when there is no primary to go to; 0 while there is one. */
    private long lostAt;

    Outlook(Surroundings surroundings, Pooling pooling, Channel client, Standing admitted) {
        this.lease = surroundings.lease();
        this.client = client;
        this.patienceMillis = pooling.primaryWait().toMillis();
        this.admitted = admitted;
        this.last = admitted;
        this.seeksPrimary = lease.view().role() == Role.PRIMARY;
    }

    /** Bytes of a server connection are written, but not flushed. */
    void wrote() {
        unflushed = true;
    }

    /** What was written has left this process, or is on its way in the order it came. */
    void flushed() {
        unflushed = false;
    }

    /** It has this server connection now; true if that leads to another pod than the last one. */
    boolean reached(ServerConnection server) {
        boolean moved = last.isElsewhere() != server.standing().isElsewhere();
        last = server.standing();
        return moved;
    }

    private boolean owes() {
        ChannelOutboundBuffer waiting = client.unsafe().outboundBuffer();
        return unflushed || (waiting != null && waiting.totalPendingWriteBytes() > 0);
    }

    /** What is to happen with the client at this very moment; {@code held} is the connection that it has. */
    Verdict verdict(@Nullable ServerConnection held) {
        LeaseView view = lease.view();
        long now = lease.nowMillis();
        seeksPrimary |= view.role() == Role.PRIMARY;
        if (held != null) {
            return held.standing().judge(view, now);
        }
        if (owes() || patienceMillis == 0) {
            return last.judge(view, now);
        }
        return seeksPrimary ? Verdict.SERVE : admitted.judge(view, now);
    }

    /** Which server its next transaction goes to; empty while no primary is known. */
    Optional<Server> next() {
        if (!seeksPrimary) {
            return Optional.of(Server.OF_THIS_POD);
        }
        return switch (Route.toPrimary(lease.view(), lease.nowMillis())) {
            case Route.Here here -> Optional.of(Server.OF_THIS_POD);
            case Route.Elsewhere elsewhere -> Optional.of(Server.OF_LEADER);
            case Route.Unknown unknown -> Optional.empty();
        };
    }

    /** Whether no primary was known for longer than a client waits; asked again and again. */
    boolean isHopeless() {
        LeaseView view = lease.view();
        long now = lease.nowMillis();
        if (next().isPresent() || view.holdsAt(now)) {
            lostAt = 0;
            return false;
        }
        lostAt = lostAt == 0 ? now : lostAt;
        return now - lostAt >= patienceMillis;
    }

    /** It ends without a server connection: what it is told now says nothing of a term. */
    void endsAtRest() {
        if (!owes()) {
            last = Standing.elsewhere(Caller.CLIENT);
        }
    }

    /** Whether what it was told last may still leave. */
    boolean mayBeTold() {
        return last.mayBeTold(lease.view(), lease.nowMillis());
    }
}
