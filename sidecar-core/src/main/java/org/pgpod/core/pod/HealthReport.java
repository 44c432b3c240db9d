package org.pgpod.core.pod;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The contents of {@code run/health/<sidecar>}: what a sidecar says of itself, written again every few seconds while its
 * process runs, and removed when it ends in order. A report that grows old is one of a process that hangs or died.
 *
 * @param bootId the boot that {@code atMillis} belongs to
 * @param atMillis when it was written, milliseconds of the {@link BootClock}
 * @param live false when only a restart of the process would help
 * @param ready whether the sidecar does its job
 * @param reason why it does not, for people; at most {@value #REASON_LENGTH_MAX} characters, empty if it does
 */
public record HealthReport(String bootId, long atMillis, boolean live, boolean ready, String reason) {
    private static final int REASON_LENGTH_MAX = 300;
    private static final String VERSION_KEY = "pgpod-health";
    private static final String VERSION = "1";

    public HealthReport {
        reason = reason.substring(0, Math.min(reason.length(), REASON_LENGTH_MAX));
    }

    /** Reads a report; empty when it is torn, of an unknown version, or malformed. */
    public static Optional<HealthReport> parse(String text) {
        return KeyValueLine.parse(text, VERSION_KEY, VERSION).flatMap(line -> {
            try {
                return Optional.of(new HealthReport(
                        line.text("boot"),
                        line.number("at"),
                        truth(line.text("live")),
                        truth(line.text("ready")),
                        URLDecoder.decode(line.text("reason"), StandardCharsets.UTF_8)));
            } catch (IllegalArgumentException malformed) {
                // A report that cannot be read is none, and so its writer will soon count as silent.
                return Optional.empty();
            }
        });
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false: " + text);
        };
    }

    /** The one line of the file, with its line end. */
    public String format() {
        return VERSION_KEY + "=" + VERSION + " boot=" + bootId + " at=" + atMillis + " live=" + live + " ready=" + ready
                + " reason=" + URLEncoder.encode(reason, StandardCharsets.UTF_8) + " end\n";
    }
}
