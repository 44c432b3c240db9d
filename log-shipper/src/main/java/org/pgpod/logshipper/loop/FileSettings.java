package org.pgpod.logshipper.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.logshipper.tail.NameCycle;

/**
 * What of the section {@code logShipper} is about the life of Postgres's log files.
 *
 * @param nameCycle after how long Postgres comes back to a name and truncates the file
 * @param bytesMax what the files may take before shipped ones are deleted; 0 for no bound
 */
record FileSettings(Optional<Duration> nameCycle, long bytesMax) {
    private static final Option<String> LOG_FILENAME = Options.of(
                    "logFilename",
                    "a value of `log_filename`",
                    "The value of Postgres's `log_filename` if its `log_truncate_on_rotation` is on. If names come back, as with"
                            + " `postgresql-%a.log`, it is told when that is about to overtake the shipping.",
                    FileSettings::logFilename)
            .withDefault("postgresql-%Y-%m-%d_%H%M%S.log");
    private static final Option<Long> FILES_BYTES_MAX = Options.bytes(
                    "postgresFilesMax",
                    0,
                    1L << 50,
                    "What Postgres's log files may take on disk. Beyond it the oldest are deleted, but only those that every"
                            + " sink has taken whole; 0 deletes nothing.")
            .withDefault("0B");

    static final List<Option<?>> OPTIONS = List.of(LOG_FILENAME, FILES_BYTES_MAX);

    private static String logFilename(String text) {
        NameCycle.of(text);
        return text;
    }

    static FileSettings from(Values values) {
        return new FileSettings(NameCycle.of(values.get(LOG_FILENAME)), values.get(FILES_BYTES_MAX));
    }
}
