package org.pgpod.haagent.model;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * What pg_controldata says of a data directory whose server is down.
 *
 * @param state the cluster state, in the tool's words
 * @param checkpoint the location of the latest checkpoint record
 * @param timeline the timeline of the latest checkpoint or of the minimum recovery point, whichever is later
 * @param timelineStart where that timeline began; empty for the first one, or where its history file is not there
 * @param recoveryEnd the minimum recovery ending location; {@code 0/0} for a server that was a primary
 */
public record ControlData(
        SystemId systemId,
        String state,
        Lsn checkpoint,
        Timeline timeline,
        Optional<Lsn> timelineStart,
        Lsn recoveryEnd) {
    private static final String STOPPED_AS_PRIMARY = "shut down";
    private static final String STOPPED_AS_STANDBY = "shut down in recovery";
    private static final String CRASHED_AS_STANDBY = "in archive recovery";

    /** No word of the tool: such a control file says what its primary was doing. */
    private static final String NEVER_STARTED = "never started";

    /** What the supervisor says of a history file that tells nothing. */
    private static final String UNKNOWN = "-";

    private static final String SYSTEM_ID = "Database system identifier";

    /** The system identifier that a tool's output names in pg_controldata's words; empty when it names none. */
    public static Optional<SystemId> systemIdIn(String output) {
        return output.lines()
                .filter(line -> line.startsWith(SYSTEM_ID + ":"))
                .map(line -> line.substring(SYSTEM_ID.length() + 1).strip())
                .filter(text -> text.matches("[0-9]{1,20}"))
                .map(SystemId::new)
                .findFirst();
    }

    /** Reads the tool's output as it is in the C locale; anything else is {@link Parsed.Malformed}. */
    public static Parsed<ControlData> parse(String output) {
        Map<String, String> lines = new HashMap<>();
        for (String line : output.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                lines.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        }
        try {
            int checkpointTimeline = Integer.parseInt(text(lines, "Latest checkpoint's TimeLineID"));
            int recoveryTimeline = Integer.parseInt(text(lines, "Min recovery ending loc's timeline"));
            Timeline timeline = new Timeline(Math.max(checkpointTimeline, recoveryTimeline));
            return new Parsed.Valid<>(new ControlData(
                    new SystemId(text(lines, SYSTEM_ID)),
                    text(lines, "Database cluster state"),
                    Lsn.parse(text(lines, "Latest checkpoint location")),
                    timeline,
                    Optional.ofNullable(lines.get("Start of timeline " + timeline.id()))
                            .filter(start -> !start.equals(UNKNOWN))
                            .map(Lsn::parse),
                    Lsn.parse(text(lines, "Minimum recovery ending location"))));
        } catch (IllegalArgumentException malformed) {
            return new Parsed.Malformed<>(String.valueOf(malformed.getMessage()));
        }
    }

    private static String text(Map<String, String> lines, String key) {
        return Optional.ofNullable(lines.get(key))
                .orElseThrow(() -> new IllegalArgumentException("'" + key + "' is missing"));
    }

    /** Whether a primary stopped in order: its last record is the checkpoint at {@link #checkpoint()}. */
    public boolean stoppedAsPrimary() {
        return state.equals(STOPPED_AS_PRIMARY);
    }

    /** Whether it is a copy that was never started: it holds what its source had, and nothing else. */
    public boolean isUnstartedCopy() {
        return state.equals(NEVER_STARTED);
    }

    /** The same, known to be that of a copy which was never started. */
    public ControlData ofUnstartedCopy() {
        return new ControlData(systemId, NEVER_STARTED, checkpoint, timeline, timelineStart, Lsn.ZERO);
    }

    /** Whether it was a standby, or a copy that was to become one: its WAL is a part of its primary's. */
    public boolean wasStandby() {
        return state.equals(STOPPED_AS_STANDBY) || state.equals(CRASHED_AS_STANDBY) || state.equals(NEVER_STARTED);
    }
}
