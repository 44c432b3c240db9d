package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.Framer.Rest;
import org.pgpod.logshipper.parse.RecordKey;
import org.pgpod.logshipper.tail.RecordHandler.Ending;
import org.pgpod.logshipper.tail.RecordHandler.Taken;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether Postgres logged a record in another format also. A process writes a record to csvlog, then to jsonlog, then
 * to standard error, with one time for all: where the record stands in one of these files, its copies stand in those of the
 * formats before already, or there are none. Which formats are written each process learns for itself, between two
 * statements: no place in a file and no time tells.
 *
 * <p>Reads those files for itself, from their starts up to the time that is asked for and {@link #SKEW_MILLIS} further, and
 * so does not depend on how far any file is shipped. What cannot be read counts as not logged: a record may come twice, but
 * is never lost.
 */
public final class StructuredRecords {
    /** How far the times of records may be out of order in a file: a process may be held up between clock and pipe. */
    private static final long SKEW_MILLIS = 5_000;

    /** Records that may wait for their copy; the oldest give way. */
    private static final int WAITING_MAX = 65_536;

    private static final int BEGINNING_BYTES_MAX = 65_536;
    /** A directory's time has the resolution of the kernel's tick. */
    private static final long LISTING_DOUBT_MILLIS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(StructuredRecords.class);

    private final LogDirectories directories;
    private final Set<LogStream> streams;
    private final RecordReader reader;
    private final Formats formats;
    private final Map<SeenFile.Key, FileTail> files = new HashMap<>();
    private final TreeMap<Long, Integer> waiting = new TreeMap<>();
    private final Map<LogStream, SeenFile> newest = new EnumMap<>(LogStream.class);
    /** The formats of which a file was read past the time of the record that is looked for. */
    private final Set<LogStream> ahead = EnumSet.noneOf(LogStream.class);

    /** The files there are, the one written to longest ago first. */
    private List<SeenFile> listed = List.of();

    private long directoryMillis = -1;
    private long listedMillis = -1;
    private SeenFile.@Nullable Key lastFile;
    private long lastReading;
    private long wanted;
    private boolean found;
    private boolean comparisonFails;

    /** @param streams the formats whose files are read */
    public StructuredRecords(LogDirectories directories, Set<LogStream> streams, Formats formats) {
        this.directories = directories;
        this.streams = Set.copyOf(streams);
        this.reader = new RecordReader(formats::framer, BEGINNING_BYTES_MAX);
        this.formats = formats;
    }

    /** Whether a record that was just read from a file is there too; each copy answers for one record. */
    public boolean repeat(FileTail file, RawRecord raw) {
        try {
            if (!file.key().equals(lastFile) || file.readings() != lastReading) {
                // Its copy was there when the record was read: a look at the directory after that shows its file.
                lastFile = file.key();
                lastReading = file.readings();
                list();
            }
            boolean there = (!listed.isEmpty() || !waiting.isEmpty()) && takes(formats.key(file.stream(), raw));
            comparisonFails = false;
            return there;
        } catch (IOException failed) {
            if (!comparisonFails) {
                LOG.warn("log files cannot be compared, records may be stored twice", failed);
            }
            comparisonFails = true;
            return false;
        }
    }

    /**
     * Takes note of a record that was taken. One of a structured format that was written to standard error, because its own
     * file was not open, has its copy behind it in the same file.
     */
    public void taken(FileTail file, RawRecord raw) {
        if (formats.isStray(file.stream(), raw)) {
            long key = formats.key(file.stream(), raw);
            if (key != RecordKey.NONE) {
                add(key);
            }
        }
    }

    private void add(long key) {
        waiting.merge(key, 1, Integer::sum);
        if (waiting.size() > WAITING_MAX) {
            waiting.pollFirstEntry();
        }
    }

    private boolean takes(long key) throws IOException {
        if (key == RecordKey.NONE) {
            return false;
        }
        waiting.headMap(RecordKey.first(RecordKey.millis(key) - SKEW_MILLIS)).clear();
        return remove(key) || look(key);
    }

    private boolean remove(long key) {
        Integer copies = waiting.get(key);
        if (copies == null) {
            return false;
        }
        if (copies == 1) {
            waiting.remove(key);
        } else {
            waiting.put(key, copies - 1);
        }
        return true;
    }

    /** Reads on in the files that may hold the record: those last written to since, until one is ahead of it. */
    private boolean look(long key) throws IOException {
        wanted = key;
        found = false;
        ahead.clear();
        for (int i = firstWrittenSince(RecordKey.millis(key) - SKEW_MILLIS); i < listed.size(); i++) {
            if (!found && ahead.size() < streams.size()) {
                read(listed.get(i));
            }
        }
        // The listing does not show that a file is written to.
        for (SeenFile active : newest.values()) {
            read(active);
        }
        return found && remove(key);
    }

    private int firstWrittenSince(long millis) {
        int from = 0;
        int to = listed.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (listed.get(middle).modifiedMillis() < millis) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private void read(SeenFile file) throws IOException {
        if (found || ahead.contains(file.stream())) {
            return;
        }
        FileTail tail = files.get(file.key());
        if (tail == null) {
            Optional<FileTail> opened = FileTail.first(1, file);
            if (opened.isEmpty()) {
                return;
            }
            tail = opened.get();
            files.put(file.key(), tail);
        }
        if (!tail.reopen()) {
            return;
        }
        RecordReader.Result result = RecordReader.Result.MORE;
        while (result == RecordReader.Result.MORE && !found) {
            result = reader.read(tail, Rest.MAY_FOLLOW, this::take);
        }
        if (result == RecordReader.Result.FULL && !found) {
            ahead.add(file.stream());
        }
        if (result == RecordReader.Result.REWRITTEN) {
            files.remove(file.key());
        }
        boolean readAgain = result == RecordReader.Result.FULL || file.equals(newest.get(file.stream()));
        if (result == RecordReader.Result.REWRITTEN || !(readAgain || found)) {
            tail.close();
        }
    }

    private Taken take(FileTail file, RawRecord raw, Ending ending) {
        if (found) {
            return Taken.FULL;
        }
        long key = ending == Ending.LINE_END ? formats.key(file.stream(), raw) : RecordKey.NONE;
        if (key == RecordKey.NONE || RecordKey.millis(key) < RecordKey.millis(wanted) - SKEW_MILLIS) {
            return Taken.TAKEN;
        }
        if (RecordKey.millis(key) > RecordKey.millis(wanted) + SKEW_MILLIS) {
            return Taken.FULL;
        }
        add(key);
        found = key == wanted;
        return Taken.TAKEN;
    }

    /** Looks which files there are, unless nothing can have changed since the last look. */
    private void list() throws IOException {
        if (!Files.isDirectory(directories.postgres())) {
            return;
        }
        long changed = Files.getLastModifiedTime(directories.postgres()).toMillis();
        if (changed == directoryMillis && listedMillis > changed + LISTING_DOUBT_MILLIS) {
            return;
        }
        directoryMillis = changed;
        listedMillis = System.currentTimeMillis();
        listed = directories.list().stream()
                .filter(file -> streams.contains(file.stream()))
                .toList();
        Set<SeenFile.Key> present = new HashSet<>();
        newest.clear();
        for (SeenFile file : listed) {
            present.add(file.key());
            newest.put(file.stream(), file);
        }
        for (Iterator<Map.Entry<SeenFile.Key, FileTail>> entries =
                        files.entrySet().iterator();
                entries.hasNext(); ) {
            Map.Entry<SeenFile.Key, FileTail> entry = entries.next();
            if (!present.contains(entry.getKey())) {
                entry.getValue().close();
                entries.remove();
            }
        }
    }

    /** Forgets everything: reading begins again elsewhere. */
    public void reset() {
        for (FileTail file : files.values()) {
            try {
                file.close();
            } catch (IOException failed) {
                LOG.warn("log file cannot be closed path={}", file.name(), failed);
            }
        }
        files.clear();
        waiting.clear();
        newest.clear();
        listed = List.of();
        directoryMillis = -1;
        lastFile = null;
    }
}
