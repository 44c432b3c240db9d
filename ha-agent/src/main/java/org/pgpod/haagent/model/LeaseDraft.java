package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;

/**
 * A leader Lease to be written as a whole: {@code leaseTransitions} is the record's epoch.
 *
 * @param holder who will hold it; empty to give it away
 */
public record LeaseDraft(Optional<Holder> holder, Duration duration, ClusterRecord record) {
    public Epoch epoch() {
        return record.epoch();
    }
}
