package org.pgpod.haagent.simulation;

import java.util.Optional;
import org.pgpod.haagent.model.SystemId;

/**
 * One timeline as it really came about. Two of them may bear the same number, which Postgres cannot tell apart and the
 * simulator can.
 */
final class Wal {
    static final long FIRST = 0x1000000;

    final SystemId systemId;
    final int timeline;
    final Optional<Wal> parent;
    final long start;

    /** Up to here clients were told that their writes are safe. */
    long acknowledged;

    private Wal(SystemId systemId, int timeline, Optional<Wal> parent, long start) {
        this.systemId = systemId;
        this.timeline = timeline;
        this.parent = parent;
        this.start = start;
        this.acknowledged = start;
    }

    static Wal first(SystemId systemId) {
        return new Wal(systemId, 1, Optional.empty(), FIRST);
    }

    Wal fork(int newTimeline, long at) {
        return new Wal(systemId, newTimeline, Optional.of(this), at);
    }

    /** Whether all WAL up to {@code otherEnd} of {@code other} is a part of this one's up to {@code end}. */
    boolean covers(long end, Wal other, long otherEnd) {
        long limit = end;
        Optional<Wal> here = Optional.of(this);
        while (here.isPresent()) {
            if (here.get() == other) {
                return otherEnd <= limit;
            }
            limit = here.get().start;
            here = here.get().parent;
        }
        return false;
    }

    /** Where this line leaves {@code other}, of whose WAL it has no more than that; empty when they share nothing. */
    Optional<Long> leaves(Wal other) {
        long limit = Long.MAX_VALUE;
        Optional<Wal> here = Optional.of(this);
        while (here.isPresent()) {
            if (here.get() == other) {
                return Optional.of(limit);
            }
            limit = here.get().start;
            here = here.get().parent;
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return timeline + "@" + Long.toHexString(start)
                + parent.map(wal -> "<" + wal).orElse("");
    }
}
