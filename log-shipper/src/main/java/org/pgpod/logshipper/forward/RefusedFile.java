package org.pgpod.logshipper.forward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a sink has refused for good: one JSON object a line in a file beside the logs, up to a size. */
final class RefusedFile {
    static final long BYTES_MAX = 16L * 1_024 * 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(RefusedFile.class);

    private final Path file;

    RefusedFile(Path directory, String sink) {
        this.file = directory.resolve("refused-" + sink + ".jsonl");
    }

    /** Keeps the record, or only tells of it when the file is full. */
    void keep(ForwardedRecord record, String reason) throws IOException {
        LOG.error("record refused by the sink id={} reason={}", record.id(), reason);
        if (Files.exists(file) && Files.size(file) + record.bytes() > BYTES_MAX) {
            LOG.error("record not kept: the file is full file={} id={}", file, record.id());
            return;
        }
        Files.writeString(
                file,
                JsonLines.line(record) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND,
                StandardOpenOption.SYNC);
    }
}
