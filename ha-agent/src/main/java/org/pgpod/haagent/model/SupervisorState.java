package org.pgpod.haagent.model;

import java.util.Locale;
import java.util.Optional;
import org.pgpod.core.pod.KeyValueLine;

/**
 * {@code run/supervisor/state}: what the supervisor says of itself and of Postgres, each second and at every change.
 *
 * @param bootId the boot that {@code atMillis} belongs to
 * @param instance this run of the supervisor; requests must name it
 * @param atMillis boot clock when it was written
 * @param postgres whether Postgres runs
 * @param mode how Postgres was started, or what it became by promotion
 * @param pid the postmaster, 0 when there is none
 * @param exit the last exit status of the postmaster
 * @param fenced how often, or whether, the supervisor fenced; 0 for never
 * @param job the request it is working on
 * @param data the data directory in use
 */
public record SupervisorState(
        String bootId,
        String instance,
        long atMillis,
        Postgres postgres,
        Mode mode,
        long pid,
        long exit,
        long fenced,
        Optional<String> job,
        Optional<DataId> data) {

    private static final String VERSION_KEY = "pgpod-supervisor";
    private static final String VERSION = "1";
    private static final String NOTHING = "-";
    private static final String LOCK = "lock";

    /** Whether Postgres runs. {@link #DOWN} is said only when no process of it is left. */
    public enum Postgres {
        DOWN,
        STARTING,
        UP,
        STOPPING
    }

    /** What Postgres was started as. */
    public enum Mode {
        NONE,
        STANDBY,
        PRIMARY
    }

    /**
     * This run of Postgres, told apart from every other one; empty while there is none. A container that restarts counts
     * process ids anew, so that the postmaster often has the same one again.
     */
    public String server() {
        return pid == 0 ? "" : instance + "/" + pid;
    }

    /** Whether it, and no other supervisor, has the volume: nobody can run Postgres there without it. */
    public boolean hasVolume() {
        return job.filter(LOCK::equals).isEmpty();
    }

    /** Whether the container is about to stop and waits for the primary to be handed over. */
    public boolean asksForSwitchover() {
        return job.filter(name -> name.endsWith("-switchover")).isPresent();
    }

    /** Reads the one line of the file; another version is {@link Parsed.Unknown}. */
    public static Parsed<SupervisorState> parse(String text) {
        return OneLine.read(text, VERSION_KEY, VERSION, SupervisorState::read);
    }

    private static SupervisorState read(KeyValueLine line) {
        return new SupervisorState(
                line.text("boot"),
                line.text("instance"),
                line.number("at"),
                Postgres.valueOf(line.text("pg").toUpperCase(Locale.ROOT)),
                Mode.valueOf(line.text("mode").toUpperCase(Locale.ROOT)),
                OneLine.present(line, "pid").map(Long::parseLong).orElse(0L),
                OneLine.present(line, "exit").map(Long::parseLong).orElse(0L),
                OneLine.present(line, "fenced").map(Long::parseLong).orElse(0L),
                OneLine.present(line, "job"),
                OneLine.present(line, "data").map(DataId::new));
    }

    /** The one line of the file, with its line end. */
    public String format() {
        return VERSION_KEY + "=" + VERSION + " boot=" + bootId + " instance=" + instance + " at=" + atMillis
                + " pg=" + postgres.name().toLowerCase(Locale.ROOT)
                + " mode=" + mode.name().toLowerCase(Locale.ROOT)
                + " pid=" + pid + " exit=" + exit + " fenced=" + fenced + " job=" + job.orElse(NOTHING)
                + " data=" + data.map(DataId::text).orElse(NOTHING) + " end\n";
    }
}
