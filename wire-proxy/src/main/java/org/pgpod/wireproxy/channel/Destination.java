package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.lease.Aim;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.Gate;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.standbys.Standby;
import org.pgpod.wireproxy.standbys.Standbys;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.pgpod.wireproxy.tls.PeerProtocol;

/**
 * Where a session goes: to the Postgres of this pod, to the primary of another, or to a standby. It is connected when
 * Postgres has been reached, and with the keys of a client whom the proxy has authenticated when Postgres has decided
 * about the login.
 */
final class Destination {
    private final Surroundings surroundings;
    private final Channel client;
    private final Caller caller;
    private final Optional<ScramKeys> keys;
    private final Session session;
    private Aim aim;

    Destination(Surroundings surroundings, Channel client, Asked asked, Session session) {
        this.surroundings = surroundings;
        this.client = client;
        this.caller = asked.caller();
        this.keys = asked.keys();
        this.aim = asked.aim();
        this.session = session;
    }

    /** What the lease, and where a standby is wanted the standbys, allow at this moment. */
    Course course() {
        LeaseView view = surroundings.lease().view();
        long now = surroundings.lease().nowMillis();
        return switch (Gate.decide(view, now, caller, aim)) {
            case Gate.Held held -> {
                aim = aim.afterWaiting();
                yield new Course.Wait();
            }
            case Gate.Refused refused -> new Course.Refuse(refused.reason(), refused.error());
            case Gate.Admitted admitted -> new Course.Here(new Standing(caller, view), stayHere());
            case Gate.Elsewhere elsewhere ->
                new Course.Elsewhere(
                        Standing.elsewhere(caller), new Stay.Unlimited(), elsewhere.leader(), PeerProtocol.PLAIN);
            case Gate.AnyStandby any -> toStandby(surroundings.standbys().orElseThrow(), view, now);
        };
    }

    private Stay stayHere() {
        if (aim == Aim.STANDBY_HERE) {
            return new Stay.WhileStandby();
        }
        return caller == Caller.POOL ? new Stay.OfPool() : new Stay.Unlimited();
    }

    private Course toStandby(Standbys standbys, LeaseView view, long now) {
        boolean hereServes = view.role() == Role.STANDBY && view.phase() == Phase.OPEN;
        Optional<Standby> chosen = standbys.choose(hereServes, now);
        if (chosen.isEmpty()) {
            return withoutStandby(standbys.fallback());
        }
        boolean here = standbys.isHere(chosen.get());
        Stay stay = new Stay.AtStandby(chosen.get(), here ? new Stay.WhileStandby() : new Stay.Unlimited());
        client.closeFuture().addListener(closed -> stay.leave());
        return here
                ? new Course.Here(new Standing(caller, view), stay)
                : new Course.Elsewhere(
                        Standing.elsewhere(caller), stay, chosen.get().host(), PeerProtocol.STANDBY);
    }

    private Course withoutStandby(Standbys.Fallback fallback) {
        return switch (fallback) {
            case NONE -> new Course.Refuse(RefusalReason.NO_STANDBY, StandbyRefusals.none());
            case PRIMARY -> {
                surroundings.counters().standbyFallbacks.increment();
                aim = Aim.PRIMARY;
                yield course();
            }
        };
    }

    /** What stands on the connection to Postgres, and what happens when it is made. */
    private record Approach(Supplier<ChannelHandler> leg, Consumer<Channel> connected) {}

    // The packet stays the session's, which keeps it until it is connected or over, and sends it unless there are keys.
    private Approach approach(ByteBuf startupPacket) {
        return keys.map(known -> new KeyedEntry(client, known, startupPacket, session))
                .map(entry -> new Approach(entry::handlers, entry::opened))
                .orElseGet(() -> new Approach(() -> new PostgresLeg(session), session::connected));
    }

    void connectHere(ByteBuf startupPacket) {
        Approach approach = approach(startupPacket);
        new PostgresSocket(
                        surroundings,
                        client,
                        approach.leg(),
                        approach.connected(),
                        cause -> session.unreachable(RefusalReason.POSTGRES_DOWN, Refusals.postgresDown(cause)))
                .connect();
    }

    /** Through the peers' port of the other pod. */
    void connectTo(Course.Elsewhere course, ByteBuf startupPacket) {
        Optional<Forwarding> forwarding = surroundings.forwarding();
        if (forwarding.isEmpty()) {
            session.unreachable(RefusalReason.NO_PRIMARY, Refusals.primaryElsewhere());
            return;
        }
        Approach approach = approach(startupPacket);
        new PeerSocket(surroundings, forwarding.get(), client.eventLoop())
                .connect(
                        course.pod(),
                        course.protocol(),
                        approach.leg(),
                        approach.connected(),
                        cause -> session.unreachable(
                                RefusalReason.PRIMARY_UNREACHABLE, Refusals.primaryUnreachable(course.pod(), cause)));
    }
}
