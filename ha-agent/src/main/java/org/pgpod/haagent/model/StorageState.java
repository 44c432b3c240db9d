package org.pgpod.haagent.model;

import java.util.Locale;
import java.util.Optional;
import org.pgpod.core.pod.KeyValueLine;

/**
 * {@code run/supervisor/storage}: how the supervisor's probe of the volume went, a small file written and synced again and
 * again.
 *
 * @param bootId the boot that the times belong to
 * @param atMillis boot clock when the last probe ended; 0 before the first one has
 * @param beganMillis boot clock when the probe under way began; 0 while none is
 * @param freeBytes what the file system would still give to Postgres, as of the last probe that could tell
 * @param totalBytes its size; 0 while unknown
 * @param problem how the last probe failed; empty when it went well
 */
public record StorageState(
        String bootId, long atMillis, long beganMillis, long freeBytes, long totalBytes, Optional<Problem> problem) {

    private static final String VERSION_KEY = "pgpod-storage";
    private static final String VERSION = "1";
    private static final String NOTHING = "-";

    /** How a probe failed. */
    public enum Problem {
        ENOSPC,
        EIO,
        EROFS,
        /** It could not be run, which says nothing of the volume. */
        OTHER
    }

    /** Reads the one line of the file; another version is {@link Parsed.Unknown}. */
    public static Parsed<StorageState> parse(String text) {
        return OneLine.read(text, VERSION_KEY, VERSION, StorageState::read);
    }

    private static StorageState read(KeyValueLine line) {
        return new StorageState(
                line.text("boot"),
                line.number("at"),
                line.number("began"),
                line.number("free"),
                line.number("total"),
                OneLine.present(line, "error").map(word -> Problem.valueOf(word.toUpperCase(Locale.ROOT))));
    }

    /** The one line of the file, with its line end. */
    public String format() {
        return VERSION_KEY + "=" + VERSION + " boot=" + bootId + " at=" + atMillis + " began=" + beganMillis + " free="
                + freeBytes + " total=" + totalBytes + " error="
                + problem.map(found -> found.name().toLowerCase(Locale.ROOT)).orElse(NOTHING) + " end\n";
    }
}
