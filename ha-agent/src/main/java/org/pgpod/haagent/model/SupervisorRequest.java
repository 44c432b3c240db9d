package org.pgpod.haagent.model;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;

/**
 * One request to the supervisor, without the parts that the mailbox adds ({@code instance}, {@code by}).
 *
 * @param operation what to do
 * @param words {@code key=value} pairs of the request's first line, after {@code op=}
 * @param arguments passed verbatim to the tool, one {@code arg=} line each
 */
public record SupervisorRequest(Operation operation, List<String> words, List<String> arguments) {
    /** What the supervisor can do. */
    public enum Operation {
        START,
        STOP,
        PROMOTE,
        RELOAD,
        INITDB,
        ADOPT,
        RESTORE,
        CLONE,
        SWAP,
        REWIND,
        RECOVER,
        CONTROLDATA,
        MARK,
        DISCARD,
        CANCEL;

        /** The word after {@code op=} and in the file name. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How to stop Postgres. */
    public enum Stop {
        FAST,
        IMMEDIATE,
        KILL
    }

    public SupervisorRequest {
        words = List.copyOf(words);
        arguments = List.copyOf(arguments);
    }

    public static SupervisorRequest startPrimary(Epoch epoch) {
        return request(Operation.START, "mode=primary", "epoch=" + epoch);
    }

    /** Starts a restored copy, which recovers first. */
    public static SupervisorRequest startRecovery(Epoch epoch) {
        return request(Operation.START, "mode=primary", "epoch=" + epoch, "recovery=keep");
    }

    public static SupervisorRequest startStandby(Epoch epoch) {
        return request(Operation.START, "mode=standby", "epoch=" + epoch);
    }

    public static SupervisorRequest stop(Stop how, Duration timeout) {
        return request(Operation.STOP, "how=" + how.name().toLowerCase(Locale.ROOT), "timeout=" + timeout.toMillis());
    }

    public static SupervisorRequest promote(Epoch epoch, Timeline timeline, Duration timeout) {
        return request(Operation.PROMOTE, "epoch=" + epoch, "timeline=" + timeline, "timeout=" + timeout.toMillis());
    }

    /** Notes all of these on the volume at once. */
    public static SupervisorRequest mark(Map<String, String> notes) {
        return new SupervisorRequest(
                Operation.MARK,
                notes.entrySet().stream()
                        .map(note -> note.getKey() + "=" + note.getValue())
                        .sorted()
                        .toList(),
                List.of());
    }

    /** Reads the control file of the data directory that initdb or clone left beside the one in use. */
    public static SupervisorRequest controlDataOfNew() {
        return request(Operation.CONTROLDATA, "dir=data.new");
    }

    public static SupervisorRequest cancel(String id) {
        return request(Operation.CANCEL, "id=" + id);
    }

    /** An operation that needs no words: reload, adopt, swap, recover, controldata, discard. */
    public static SupervisorRequest of(Operation operation) {
        return request(operation);
    }

    /** A tool's run: initdb, restore, clone or rewind. */
    public static SupervisorRequest tool(Operation operation, List<String> arguments) {
        return new SupervisorRequest(operation, List.of(), arguments);
    }

    /** A copy made by a command, which must be one of this system. */
    public static SupervisorRequest cloneByCommand(List<String> command, SystemId systemId) {
        return new SupervisorRequest(Operation.CLONE, List.of("from=command", "systemId=" + systemId.text()), command);
    }

    private static SupervisorRequest request(Operation operation, String... words) {
        return new SupervisorRequest(operation, List.of(words), List.of());
    }
}
