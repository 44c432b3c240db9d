package org.pgpod.haagent.model;

import java.time.Duration;

/**
 * What becomes of a primary whose volume fails.
 *
 * @param timeout how long one small write may take before the disk counts as stuck
 */
public record StorageSettings(OnFailure onFailure, Duration timeout) {
    /** Hand over, after half a minute. */
    public static final StorageSettings STANDARD = new StorageSettings(OnFailure.FAILOVER, Duration.ofSeconds(30));

    /** The operator's choice. */
    public enum OnFailure {
        /** Another member takes over, if one can. */
        FAILOVER,
        /** Postgres is stopped until the volume is well again, and nobody takes over. */
        FENCE,
        /** People are told, and nothing is done. */
        WAIT
    }
}
