package org.pgpod.logshipper.parse;

import java.util.EnumMap;
import java.util.Map;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.Table;

/** How the records of each kind of file are found and read. Used by one thread. */
public final class Formats {
    private record Format(Framer framer, RecordParser parser) {}

    private final Map<LogStream, Format> formats = new EnumMap<>(LogStream.class);

    public Formats(LogTime time) {
        formats.put(
                LogStream.POSTGRES, new Format(new JsonlogFramer(), new JsonRecordParser(Table.POSTGRES_LOG, time)));
        formats.put(LogStream.CSVLOG, new Format(new CsvlogFramer(), new CsvlogRecordParser(time)));
        formats.put(LogStream.SIDECAR, new Format(Framer.lines(), new JsonRecordParser(Table.SIDECAR_LOG, time)));
        formats.put(LogStream.STDERR, new Format(Framer.lines(), new LineParser()));
    }

    public Framer framer(LogStream stream) {
        return format(stream).framer();
    }

    public RecordParser parser(LogStream stream) {
        return format(stream).parser();
    }

    private Format format(LogStream stream) {
        Format format = formats.get(stream);
        if (format == null) {
            throw new IllegalStateException("every stream has a format: " + stream);
        }
        return format;
    }
}
