package org.pgpod.haagent.model;

import java.util.Optional;

/**
 * The leader Lease together with how long it has stood still, by this observer's own boot clock.
 *
 * @param view the Lease; empty when the API said that there is none
 * @param changedMillis when the last change of holder, renewTime or epoch was processed here
 */
public record LeaseSighting(Optional<LeaseView> view, long changedMillis) {
    /** This sighting, moved on by a further read whose answer was processed at {@code nowMillis}. */
    public LeaseSighting then(Optional<LeaseView> read, long nowMillis) {
        boolean still =
                view.isPresent() ? read.filter(view.get()::isSameRenewalAs).isPresent() : read.isEmpty();
        return new LeaseSighting(read, still ? changedMillis : nowMillis);
    }

    /** When the Lease expires if nothing moves: its own duration after the last change; empty without a Lease. */
    public Optional<Long> expiryMillis() {
        return view.map(lease -> changedMillis + lease.duration().toMillis());
    }

    /** Whether a read that was sent at {@code readMillis} still found it unmoved after its expiry. */
    public boolean expiredAt(long readMillis) {
        return expiryMillis().filter(expiry -> readMillis >= expiry).isPresent();
    }
}
