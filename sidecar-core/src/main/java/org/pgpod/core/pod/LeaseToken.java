package org.pgpod.core.pod;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;

/**
 * The contents of {@code run/lease-token}: what this pod may do, and until when, as ha-agent last proved it.
 *
 * <p>The supervisor and wire-proxy enforce it by themselves, so that fencing needs no living agent. All times are
 * milliseconds of the {@link BootClock}, and 0 unless the role is {@link Role#PRIMARY}.
 *
 * @param bootId the boot that the times belong to
 * @param sequence raised with every replacement
 * @param pod the pod and its UID, {@code demo-0/27c1…}: who wrote it
 * @param dataId the data directory that the token speaks of
 * @param epoch the term of leadership
 * @param role what Postgres may be
 * @param phase how wire-proxy treats clients
 * @param untilMillis from here no byte of a primary session may reach a client
 * @param stopMillis from here the supervisor stops Postgres at once
 * @param killMillis from here the supervisor kills every Postgres process
 * @param leader where the primary takes clients, {@code host:port}, or empty when there is none
 * @param holdMillis when held clients are released with an error; 0 outside {@link Phase#HOLD}
 */
public record LeaseToken(
        String bootId,
        long sequence,
        String pod,
        String dataId,
        Epoch epoch,
        Role role,
        Phase phase,
        long untilMillis,
        long stopMillis,
        long killMillis,
        String leader,
        long holdMillis) {

    private static final String VERSION_KEY = "pgpod-token";
    private static final String VERSION = "1";
    private static final String NOTHING = "-";

    /** A token further ahead than this is the work of a broken clock and counts as none. */
    public static final long AHEAD_MILLIS_MAX = 60_000;

    /** What Postgres in this pod may be. */
    public enum Role {
        PRIMARY,
        STANDBY,
        NONE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How wire-proxy treats the sessions of clients. */
    public enum Phase {
        /** Clients are served. */
        OPEN,
        /** The server is writable but its synchronous standbys have not caught up: no clients yet. */
        CATCHUP,
        /** A switchover is under way: clients are parked at a transaction boundary until {@code hold}. */
        HOLD,
        /** Sessions are cut. */
        CUT;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reads a token; empty when it is torn, of an unknown version, or has a value that the format does not allow. */
    public static Optional<LeaseToken> parse(String text) {
        return KeyValueLine.parse(text, VERSION_KEY, VERSION).flatMap(line -> {
            try {
                return Optional.of(read(line));
            } catch (IllegalArgumentException malformed) {
                // A reader cannot do better than to treat it as absent: no token, no writers.
                return Optional.empty();
            }
        });
    }

    private static LeaseToken read(KeyValueLine line) {
        return new LeaseToken(
                line.text("boot"),
                line.number("seq"),
                line.text("pod"),
                line.text("data"),
                new Epoch(line.number("epoch")),
                oneOf(Role.values(), Role::text, line.text("role")),
                oneOf(Phase.values(), Phase::text, line.text("phase")),
                line.number("until"),
                line.number("stop"),
                line.number("kill"),
                line.text("leader").equals(NOTHING) ? "" : line.text("leader"),
                line.number("hold"));
    }

    private static <T> T oneOf(T[] values, java.util.function.Function<T, String> text, String wanted) {
        return Arrays.stream(values)
                .filter(value -> text.apply(value).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + wanted + "' is not a known value"));
    }

    /** The one line of the file, with its line end. */
    public String format() {
        return VERSION_KEY + "=" + VERSION + " boot=" + bootId + " seq=" + sequence + " pod=" + pod + " data="
                + (dataId.isEmpty() ? NOTHING : dataId)
                + " epoch=" + epoch + " role=" + role.text() + " phase=" + phase.text() + " until=" + untilMillis
                + " stop=" + stopMillis + " kill=" + killMillis + " leader=" + (leader.isEmpty() ? NOTHING : leader)
                + " hold=" + holdMillis + " end\n";
    }

    /**
     * Whether this token lets a primary write at {@code nowMillis} of the boot {@code bootId}: it belongs to this boot,
     * names the role primary, is not too far ahead, and its {@code until} has not passed.
     */
    public boolean admitsWritersAt(long nowMillis, String bootId) {
        return isOfPrimary(nowMillis, bootId) && nowMillis < untilMillis;
    }

    /** Whether the token is valid as a primary's, although perhaps past {@code until}. */
    public boolean isOfPrimary(long nowMillis, String bootId) {
        return this.bootId.equals(bootId) && role == Role.PRIMARY && killMillis - nowMillis <= AHEAD_MILLIS_MAX;
    }
}
