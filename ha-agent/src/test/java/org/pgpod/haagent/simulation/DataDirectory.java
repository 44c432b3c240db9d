package org.pgpod.haagent.simulation;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.SystemId;

/** A data directory: what outlives the server that works on it. */
final class DataDirectory {
    static final long RECORD = 8;

    static final String PRODUCTION = "in production";
    static final String SHUT_DOWN = "shut down";
    static final String RECOVERING = "in archive recovery";
    static final String SHUT_DOWN_IN_RECOVERY = "shut down in recovery";

    final SystemId systemId;
    Wal wal;
    long end;

    /** Where the last checkpoint's record begins. */
    long checkpoint;

    int checkpointTimeline;

    /** Up to where a standby's data files have been changed; 0 for a primary. */
    long recoveryEnd;

    int recoveryTimeline;
    String state;

    /** Whether it is a copy that was never started. */
    boolean fresh;

    /** Whether destructive work on it was cut short. */
    boolean broken;

    final Set<String> slots = new HashSet<>();

    private DataDirectory(Wal wal, long end, String state) {
        this.systemId = wal.systemId;
        this.wal = wal;
        this.end = end;
        this.checkpoint = end - RECORD;
        this.checkpointTimeline = wal.timeline;
        this.state = state;
    }

    static DataDirectory initialised(SystemId systemId) {
        return new DataDirectory(Wal.first(systemId), Wal.FIRST + RECORD, SHUT_DOWN);
    }

    /** A copy as pg_basebackup and pg_rewind leave it: a standby's, which has to reach the end of the source. */
    DataDirectory copied() {
        DataDirectory copy = new DataDirectory(wal, end, RECOVERING);
        copy.checkpoint = checkpoint;
        copy.checkpointTimeline = checkpointTimeline;
        copy.recoveryEnd = end;
        copy.recoveryTimeline = wal.timeline;
        return copy;
    }

    /** A base backup's control file is its primary's, until the copy is first started. */
    DataDirectory backedUp() {
        DataDirectory copy = copied();
        copy.fresh = true;
        copy.state = PRODUCTION;
        copy.recoveryEnd = 0;
        copy.recoveryTimeline = 0;
        return copy;
    }

    void append() {
        end += RECORD;
    }

    void checkpoint() {
        checkpoint = end;
        checkpointTimeline = wal.timeline;
        recoveryEnd = 0;
        recoveryTimeline = 0;
        append();
    }

    /** What pg_controldata prints, and the supervisor after it if history files can be read. */
    String controlData(boolean historyReadable) {
        StringBuilder starts = new StringBuilder();
        Optional<Wal> line = Optional.of(wal).filter(ignored -> historyReadable);
        while (line.filter(known -> known.timeline > 1).isPresent()) {
            starts.append("Start of timeline ")
                    .append(line.get().timeline)
                    .append(": ")
                    .append(new Lsn(line.get().start))
                    .append('\n');
            line = line.get().parent;
        }
        return """
                Database system identifier:           %s
                Database cluster state:               %s
                Latest checkpoint location:           %s
                Latest checkpoint's TimeLineID:       %d
                Minimum recovery ending location:     %s
                Min recovery ending loc's timeline:   %d
                """.formatted(
                                systemId,
                                state,
                                new Lsn(checkpoint),
                                checkpointTimeline,
                                new Lsn(recoveryEnd),
                                recoveryTimeline)
                + starts;
    }

    boolean covers(Wal other, long otherEnd) {
        return !broken && wal.covers(end, other, otherEnd);
    }
}
