package org.pgpod.haagent.model;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a clone or a rewind has come, from what pg_basebackup and pg_rewind print with {@code --progress}.
 *
 * @param operation the supervisor's name of it
 * @param doneBytes copied so far
 * @param totalBytes estimated by the tool; it may turn out greater
 */
public record ToolProgress(String operation, long doneBytes, long totalBytes) {
    private static final Pattern LINE = Pattern.compile("([0-9]{1,15})/([0-9]{1,15}) kB \\([0-9]+%\\)");
    private static final long BYTES_PER_KILOBYTE = 1_024;
    private static final long PERCENT = 100;

    /** From the newest of the lines that say how far it is; empty when none does. */
    public static Optional<ToolProgress> parse(String operation, String output) {
        Matcher lines = LINE.matcher(output);
        return lines.results()
                .reduce((earlier, later) -> later)
                .map((MatchResult line) -> new ToolProgress(
                        operation,
                        Long.parseLong(line.group(1)) * BYTES_PER_KILOBYTE,
                        Long.parseLong(line.group(2)) * BYTES_PER_KILOBYTE));
    }

    /** For people, and coarse, for each change is a write to the API. */
    public String summary() {
        return totalBytes == 0
                ? operation
                : operation + " " + Math.min(PERCENT, doneBytes * PERCENT / totalBytes) + "%";
    }
}
