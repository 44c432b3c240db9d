package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.VolumeState;

/** How this pod stands to the leader Lease. */
sealed interface Standing {
    /** The Lease was never read. */
    record Unread(String reason) implements Standing {}

    /** The API says that there is no leader Lease. */
    record Absent() implements Standing {}

    /**
     * The Lease is such that this agent must not act on it.
     *
     * @param outdated the Lease, if it is only older than what this member knows: a person may have it made anew
     */
    record Barred(Reason reason, Optional<LeaseView> outdated) implements Standing {
        Barred(Reason reason) {
            this(reason, Optional.empty());
        }
    }

    /** We hold it, and have the right to write. */
    record Mine(LeaseView view, ClusterRecord record, LeaseTerm term) implements Standing {}

    /** It names us, but our right to write is over: to be waited out like anyone else's. */
    record Lapsed(LeaseView view, ClusterRecord record) implements Standing {}

    /** Another member holds it, as far as we know. */
    record Led(LeaseView view, ClusterRecord record) implements Standing {}

    /**
     * Nobody holds it: it expired by our own clock and was read again afterwards, or it was released.
     *
     * @param sinceMillis when we saw it released, or when it expired
     */
    record Vacant(LeaseView view, ClusterRecord record, Cause cause, long sinceMillis) implements Standing {}

    /** How a Lease became vacant. */
    enum Cause {
        EXPIRED,
        RELEASED
    }

    /** Whether a person has paused the cluster, as far as the Lease was read. */
    default boolean paused() {
        return switch (this) {
            case Mine mine -> mine.record().pause();
            case Lapsed lapsed -> lapsed.record().pause();
            case Led led -> led.record().pause();
            case Vacant vacant -> vacant.record().pause();
            case Unread ignored -> false;
            case Absent ignored -> false;
            case Barred ignored -> false;
        };
    }

    static Standing of(Observation now, Memory memory) {
        Standing standing = of(now);
        // A promise stands for the Lease: as long as it binds, the holder holds.
        return standing instanceof Vacant(LeaseView view, ClusterRecord record, Cause cause, long ignored)
                        && cause == Cause.EXPIRED
                        && Promises.binds(now, memory, view)
                ? new Led(view, record)
                : standing;
    }

    private static Standing of(Observation now) {
        return switch (now.lease()) {
            case Fact.Unseen<LeaseSighting>(String reason) -> new Unread(reason);
            case Fact.Seen<LeaseSighting>(LeaseSighting sighting, long readMillis) ->
                sighting.view().map(view -> of(now, sighting, view, readMillis)).orElseGet(Absent::new);
        };
    }

    private static Standing of(Observation now, LeaseSighting sighting, LeaseView view, long readMillis) {
        return switch (view.record()) {
            case Parsed.Unknown<ClusterRecord>(String what) ->
                new Barred(Reason.of(Reason.Code.BLOCKED_UNSUPPORTED_FORMAT, what));
            case Parsed.Malformed<ClusterRecord>(String why) ->
                new Barred(Reason.of(Reason.Code.BLOCKED_UNSUPPORTED_FORMAT, why));
            case Parsed.Valid<ClusterRecord>(ClusterRecord record) -> of(now, sighting, view, record, readMillis);
        };
    }

    private static Standing of(
            Observation now, LeaseSighting sighting, LeaseView view, ClusterRecord record, long readMillis) {
        Epoch known = now.volume().map(VolumeState::epoch).orElse(Epoch.NONE);
        if (known.compareTo(view.epoch()) > 0) {
            return new Barred(
                    Reason.of(Reason.Code.BLOCKED_EPOCH_BEHIND, "volumeEpoch=" + known + " leaseEpoch=" + view.epoch()),
                    Optional.of(view).filter(ignored -> sighting.expiredAt(readMillis) || !view.isHeld()));
        }
        boolean ours = view.isHeldBy(now.self().holder());
        if (ours && now.term().filter(term -> term.epoch().equals(view.epoch())).isPresent()) {
            return new Mine(view, record, now.term().orElseThrow());
        }
        if (!view.isHeld()) {
            return new Vacant(view, record, Cause.RELEASED, sighting.changedMillis());
        }
        if (sighting.expiredAt(readMillis)) {
            return new Vacant(
                    view, record, Cause.EXPIRED, sighting.expiryMillis().orElse(readMillis));
        }
        return ours ? new Lapsed(view, record) : new Led(view, record);
    }
}
