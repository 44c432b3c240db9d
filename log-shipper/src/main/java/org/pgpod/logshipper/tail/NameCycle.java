package org.pgpod.logshipper.tail;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** After how long Postgres comes back to the name of a log file, which its {@code log_filename} says. */
public final class NameCycle {
    /** Months and years are taken for as short as they can be. */
    private static final Duration MONTH = Duration.ofDays(28);

    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HALF_DAY = Duration.ofHours(12);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final String KNOWN = "YGgyCcDFxsjmbBhdeuwaAUWVHkTRXIlrpPMSnt%zZ";

    private NameCycle() {}

    /**
     * The time; empty if names do not come back.
     *
     * @param logFilename with escapes of {@code strftime}, as in Postgres's setting
     * @throws IllegalArgumentException for a name that is empty or has other escapes
     */
    public static Optional<Duration> of(String logFilename) {
        if (logFilename.isBlank()) {
            throw new IllegalArgumentException("log_filename is empty");
        }
        Set<Character> escapes = new HashSet<>();
        for (int at = logFilename.indexOf('%'); at >= 0; at = logFilename.indexOf('%', at + 2)) {
            char escape = at + 1 < logFilename.length() ? logFilename.charAt(at + 1) : ' ';
            if (KNOWN.indexOf(escape) < 0) {
                throw new IllegalArgumentException("log_filename has no escape %" + escape);
            }
            escapes.add(escape);
        }
        if (any(escapes, "YGgycDFxs")) {
            return Optional.empty();
        }
        if (any(escapes, "jmbBhUWV")) {
            return Optional.of(YEAR);
        }
        if (any(escapes, "de")) {
            return Optional.of(MONTH);
        }
        if (any(escapes, "uwaA")) {
            return Optional.of(WEEK);
        }
        boolean halves = any(escapes, "Ilr") && !any(escapes, "pPr");
        if (any(escapes, "HkTRXIlr")) {
            return Optional.of(halves ? HALF_DAY : DAY);
        }
        if (any(escapes, "M")) {
            return Optional.of(HOUR);
        }
        // One name for ever is written on and never truncated.
        return any(escapes, "S") ? Optional.of(MINUTE) : Optional.empty();
    }

    private static boolean any(Set<Character> escapes, String letters) {
        return letters.chars().anyMatch(letter -> escapes.contains((char) letter));
    }
}
