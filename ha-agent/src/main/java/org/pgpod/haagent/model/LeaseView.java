package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;

/**
 * The leader Lease as one read of the API returned it.
 *
 * @param holderIdentity the text of the holder, empty when nobody holds it
 * @param epoch {@code leaseTransitions}
 * @param renewTime the text of {@code renewTime}; compared for equality only, for it comes from another clock
 * @param duration {@code leaseDurationSeconds} of this very record
 * @param resourceVersion what a compare-and-set must name
 * @param record the annotation {@code pgpod.org/record}
 */
public record LeaseView(
        String holderIdentity,
        Epoch epoch,
        String renewTime,
        Duration duration,
        String resourceVersion,
        Parsed<ClusterRecord> record) {

    /** The holder; empty when nobody holds the Lease. */
    public Optional<Holder> holder() {
        return Holder.parse(holderIdentity);
    }

    public boolean isHeld() {
        return !holderIdentity.isEmpty();
    }

    public boolean isHeldBy(Holder someone) {
        return holderIdentity.equals(someone.toString());
    }

    /** Whether nothing moved between two reads that would restart an observer's count to expiry. */
    public boolean isSameRenewalAs(LeaseView other) {
        return holderIdentity.equals(other.holderIdentity)
                && renewTime.equals(other.renewTime)
                && epoch.equals(other.epoch);
    }
}
