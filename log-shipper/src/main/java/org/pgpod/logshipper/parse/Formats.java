package org.pgpod.logshipper.parse;

import java.util.EnumMap;
import java.util.Map;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.Table;

/** How the records of each kind of file are found and read. Used by one thread. */
public final class Formats {
    private record Format(Framer framer, RecordParser parser) {}

    private final RecordKey keys;
    private final StderrRecordParser stderr;
    private final PrefixFit fit = new PrefixFit();
    private final Map<LogStream, Format> formats = new EnumMap<>(LogStream.class);

    /** @param prefix the server's {@code log_line_prefix} */
    public Formats(LogTime time, LinePrefix prefix) {
        keys = new RecordKey(time);
        stderr = new StderrRecordParser(prefix, time);
        formats.put(
                LogStream.POSTGRES, new Format(new JsonlogFramer(), new JsonRecordParser(Table.POSTGRES_LOG, time)));
        formats.put(LogStream.CSVLOG, new Format(new CsvlogFramer(), new CsvlogRecordParser(time)));
        formats.put(LogStream.SIDECAR, new Format(Framer.lines(), new JsonRecordParser(Table.SIDECAR_LOG, time)));
        formats.put(LogStream.STDERR, new Format(new StderrFramer(prefix, fit), stderr));
    }

    /** Whether lines of standard error begin with the prefix that is configured. */
    public PrefixFit prefixFit() {
        return fit;
    }

    public Framer framer(LogStream stream) {
        return format(stream).framer();
    }

    public RecordParser parser(LogStream stream) {
        return format(stream).parser();
    }

    /** The key of a record of the server; {@link RecordKey#NONE} for anything else. */
    public long key(LogStream stream, RawRecord raw) {
        return switch (stream) {
            case POSTGRES, CSVLOG -> keys.read(stream, raw);
            case STDERR -> stderr.key(raw);
            case SIDECAR -> RecordKey.NONE;
        };
    }

    /** Whether it is a record of a structured format in a file of standard error. */
    public boolean isStray(LogStream stream, RawRecord raw) {
        return stream == LogStream.STDERR && StderrRecordParser.structured(raw).isPresent();
    }

    private Format format(LogStream stream) {
        Format format = formats.get(stream);
        if (format == null) {
            throw new IllegalStateException("every stream has a format: " + stream);
        }
        return format;
    }
}
