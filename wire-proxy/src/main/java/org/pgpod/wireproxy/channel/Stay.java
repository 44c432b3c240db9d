package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import java.util.Optional;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.LeaveNotice;
import org.pgpod.wireproxy.standbys.Standby;

/** How long a session may stay with the server that it was brought to, as far as it is not the lease that ends it. */
sealed interface Stay {
    /** Why it is to end at the next transaction boundary; empty while it may go on. */
    Optional<FatalError> end(LeaseView view, long nowMillis);

    /** Whether it is the standby of another pod, or of this one, that was chosen here. */
    default boolean isOfStandby() {
        return false;
    }

    /** The session stands between two transactions, and goes on. */
    default void rests(LeaseView view, long nowMillis, Channel client) {}

    /** Whether it has been asked to leave and may yet begin a transaction. */
    default boolean isLeaving(long nowMillis) {
        return false;
    }

    /** The session has reached its server. */
    default void reached() {}

    /** The server could not be reached, and another may be tried; false when none may. */
    default boolean failed(long nowMillis) {
        return false;
    }

    /** The session is over; called any number of times. */
    default void leave() {}

    /** For as long as the lease allows. */
    record Unlimited() implements Stay {
        @Override
        public Optional<FatalError> end(LeaseView view, long nowMillis) {
            return Optional.empty();
        }
    }

    /** For as long as the server of this pod is a standby. */
    record WhileStandby() implements Stay {
        @Override
        public Optional<FatalError> end(LeaseView view, long nowMillis) {
            return view.role() == Role.PRIMARY ? Optional.of(StandbyRefusals.promoted()) : Optional.empty();
        }
    }

    /** For as long as a pool of another pod wants, which a hold asks to leave. Confined to the session's event loop. */
    final class OfPool implements Stay {
        /** A pool that does not leave at rest for so long cannot; from then on the hold does not wait for it. */
        private static final long LEAVING_MILLIS_MAX = 1_000;

        private boolean asked;
        private long askedAt;

        @Override
        public Optional<FatalError> end(LeaseView view, long nowMillis) {
            return Optional.empty();
        }

        @Override
        public void rests(LeaseView view, long nowMillis, Channel client) {
            boolean holds = view.holdsAt(nowMillis);
            if (holds && !asked) {
                askedAt = nowMillis;
                Wire.writeAndFlush(client, LeaveNotice.encode(client.alloc()));
            }
            asked = holds;
        }

        @Override
        public boolean isLeaving(long nowMillis) {
            return asked && nowMillis - askedAt < LEAVING_MILLIS_MAX;
        }
    }

    /** For as long as the standby that was chosen is fit, wherever it is. Confined to the session's event loop. */
    final class AtStandby implements Stay {
        private final Standby standby;
        private final Stay here;
        private boolean over;

        /** {@code here} is what ends the stay besides. */
        AtStandby(Standby standby, Stay here) {
            this.standby = standby;
            this.here = here;
        }

        @Override
        public Optional<FatalError> end(LeaseView view, long nowMillis) {
            return standby.isOverAt(nowMillis)
                    ? Optional.of(StandbyRefusals.unfit(standby.name()))
                    : here.end(view, nowMillis);
        }

        @Override
        public boolean isOfStandby() {
            return true;
        }

        @Override
        public void reached() {
            standby.reached();
        }

        @Override
        public boolean failed(long nowMillis) {
            standby.avoid(nowMillis);
            leave();
            return true;
        }

        @Override
        public void leave() {
            if (!over) {
                over = true;
                standby.leave();
            }
        }
    }
}
