package org.pgpod.haagent.decide;

import org.pgpod.haagent.model.SupervisorState;

/**
 * What the making of a new copy has come to; a part of {@link Memory}.
 *
 * @param failures attempts in a row that failed
 * @param fetching whether the copy may still need WAL from the archive: until it was seen to stream
 * @param madeMillis when the copy was made, as long as it has not streamed; 0 if this agent did not make it, below 0 once
 *     another is wanted
 */
public record Copying(int failures, boolean fetching, long madeMillis) {
    /** Nothing was tried, and nothing is known of the copy there is. */
    public static final Copying NONE = new Copying(0, true, 0);

    private static final Copying STREAMS = new Copying(0, false, 0);

    /** No time of the boot clock. */
    private static final long GIVEN_UP = -1;

    /** Takes the end of an action into account. */
    Copying after(ActionReport report) {
        if (!(report.action() instanceof Action.Clone) && !(report.action() instanceof Action.CloneRemote)) {
            return this;
        }
        return report.succeeded()
                ? new Copying(failures, true, report.atMillis())
                : new Copying(failures + 1, true, madeMillis);
    }

    /** The same once the copy streams. */
    static Memory streams(Memory memory) {
        return memory.copying().equals(STREAMS)
                ? memory
                : memory.change().copying(STREAMS).build();
    }

    /** Whether the copy that was made lacks WAL which nobody has: it was never consistent, for as long as tools may take. */
    boolean isHopeless(Observation now) {
        return madeMillis > 0
                && now.database().isEmpty()
                && now.passed(now.settings().toolTimeout(), madeMillis)
                && !now.postgresIs(SupervisorState.Postgres.DOWN);
    }

    Copying givenUp() {
        return new Copying(failures + 1, true, GIVEN_UP);
    }

    boolean isGivenUp() {
        return madeMillis == GIVEN_UP;
    }
}
