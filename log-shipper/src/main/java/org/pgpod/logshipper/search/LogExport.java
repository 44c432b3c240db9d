package org.pgpod.logshipper.search;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.pgpod.logshipper.model.Table;

/** Writes records of Postgres as it wrote them, in the order of their times, holding few of them in memory. */
public final class LogExport {
    private final LogReader reader;
    private final LogFilter filter;
    private final RowFormat format;
    private long records;

    public LogExport(LogReader reader, LogFilter filter, RowFormat format) {
        this.reader = reader;
        this.filter = filter;
        this.format = format;
    }

    /** Writes into a file that appears under its name when it is whole; how many records it has. */
    public long to(Path file) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            try (BufferedWriter writer = Files.newBufferedWriter(unfinished)) {
                to(writer);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        return records;
    }

    /** Writes and flushes; how many records there were. */
    public long to(Writer writer) throws IOException {
        reader.all(Table.POSTGRES_LOG, filter, row -> {
            format.write(row, writer);
            records++;
        });
        writer.flush();
        return records;
    }
}
