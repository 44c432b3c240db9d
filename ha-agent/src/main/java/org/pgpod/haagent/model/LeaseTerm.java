package org.pgpod.haagent.model;

import org.pgpod.core.postgres.Epoch;

/**
 * Proof of the right to lead in one epoch until {@code untilMillis}, and with it to write unless the record of that epoch
 * says that the cluster follows another one. It is made in one place only, from a write of the leader Lease that the API
 * accepted, and every promotion asks for it.
 */
public final class LeaseTerm {
    private final Epoch epoch;
    private final String resourceVersion;
    private final boolean writing;
    private final long untilMillis;
    private final long stopMillis;
    private final long killMillis;

    private LeaseTerm(Epoch epoch, String resourceVersion, boolean writing, long sentAtMillis, LeaseTimings timings) {
        this.epoch = epoch;
        this.resourceVersion = resourceVersion;
        this.writing = writing;
        this.untilMillis = sentAtMillis + timings.renewDeadline().toMillis();
        this.stopMillis = sentAtMillis + timings.stopAfter().toMillis();
        this.killMillis = sentAtMillis + timings.killAfter().toMillis();
    }

    /**
     * The term that an accepted write grants.
     *
     * @param sentAtMillis boot clock before the write was sent: nobody can have seen it earlier
     */
    public static LeaseTerm granted(LeasePut.Accepted accepted, long sentAtMillis, LeaseTimings timings) {
        LeaseView stored = accepted.stored();
        boolean writing =
                stored.record().valid().filter(ClusterRecord::allowsWriting).isPresent();
        return new LeaseTerm(stored.epoch(), stored.resourceVersion(), writing, sentAtMillis, timings);
    }

    /**
     * The same epoch for as long as promises of voters let it last (rule R16).
     *
     * @param promised how many distinct recorded voters promised not to vote for another one
     * @param needed the {@code w} of the record: with fewer promises others could still be elected
     * @param sentAtMillis boot clock before the first of them was asked
     */
    public static LeaseTerm promised(
            LeaseTerm held, int promised, int needed, long sentAtMillis, LeaseTimings timings) {
        if (needed < 1 || promised < needed) {
            throw new IllegalArgumentException(promised + " promises where " + needed + " are needed");
        }
        return new LeaseTerm(held.epoch, held.resourceVersion, held.writing, sentAtMillis, timings);
    }

    /** Whichever of two terms lasts longer; another epoch always replaces the one before. */
    public static LeaseTerm later(LeaseTerm one, LeaseTerm other) {
        int epochs = one.epoch.compareTo(other.epoch);
        boolean first = epochs == 0 ? one.untilMillis >= other.untilMillis : epochs > 0;
        return first ? one : other;
    }

    public Epoch epoch() {
        return epoch;
    }

    /** Whether a server may be writable by it. It is the same for all terms of an epoch. */
    public boolean allowsWriting() {
        return writing;
    }

    /** The version of the leader Lease that proves this term. */
    public String resourceVersion() {
        return resourceVersion;
    }

    public long untilMillis() {
        return untilMillis;
    }

    public long stopMillis() {
        return stopMillis;
    }

    public long killMillis() {
        return killMillis;
    }

    /** Whether clients may be served and a promotion may begin at {@code nowMillis}. */
    public boolean openAt(long nowMillis) {
        return nowMillis < untilMillis;
    }

    /** Whether the term may still be prolonged at {@code nowMillis}; afterwards only a new epoch helps. */
    public boolean renewableAt(long nowMillis) {
        return nowMillis < stopMillis;
    }

    @Override
    public String toString() {
        return "epoch=" + epoch + " until=" + untilMillis + " stop=" + stopMillis + " kill=" + killMillis;
    }
}
