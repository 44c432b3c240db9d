package org.pgpod.core.pod;

import java.util.Optional;

/**
 * The contents of {@code run/proxy}: what wire-proxy made of the token with the number {@code sequence}.
 *
 * @param bootId the boot that {@code atMillis} belongs to
 * @param atMillis when it was written, milliseconds of the {@link BootClock}
 * @param sequence the sequence of the token that it answers
 * @param phase the phase it carried out
 * @param sessions client sessions that are open
 * @param inFlight sessions inside a transaction or statement
 * @param parked sessions held at a transaction boundary
 */
public record ProxyAnswer(
        String bootId, long atMillis, long sequence, LeaseToken.Phase phase, int sessions, int inFlight, int parked) {

    private static final String VERSION_KEY = "pgpod-proxy";
    private static final String VERSION = "1";

    /** Reads an answer; empty when it is torn, of an unknown version, or malformed. */
    public static Optional<ProxyAnswer> parse(String text) {
        return KeyValueLine.parse(text, VERSION_KEY, VERSION).flatMap(line -> {
            try {
                return Optional.of(new ProxyAnswer(
                        line.text("boot"),
                        line.number("at"),
                        line.number("seq"),
                        LeaseToken.Phase.valueOf(line.text("phase").toUpperCase(java.util.Locale.ROOT)),
                        Math.toIntExact(line.number("sessions")),
                        Math.toIntExact(line.number("inflight")),
                        Math.toIntExact(line.number("parked"))));
            } catch (IllegalArgumentException | ArithmeticException malformed) {
                // An answer that cannot be read is no answer: the agent goes on waiting.
                return Optional.empty();
            }
        });
    }

    /** The one line of the file, with its line end. */
    public String format() {
        return VERSION_KEY + "=" + VERSION + " boot=" + bootId + " at=" + atMillis + " seq=" + sequence + " phase="
                + phase.text() + " sessions=" + sessions + " inflight=" + inFlight + " parked=" + parked + " end\n";
    }
}
