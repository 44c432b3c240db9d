package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.parse.Framer.Rest;
import org.pgpod.logshipper.tail.RecordReader.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All log files of a source, each known by inode and content and never by name alone: a renamed file goes on where it was,
 * a truncated one and one that took over an inode start anew under a number of their own, and a deleted file is read to its
 * end before it is dropped. Used by one thread.
 */
public final class Tails {
    /** A listing can miss a file that is renamed meanwhile: one is believed deleted after this many without it. */
    private static final int SCANS_MISSING_MAX = 3;

    /** How many files are kept open to survive their deletion; more are opened one after the other. */
    private static final int OPEN_FILES_MAX = 256;

    /** States of files that are gone, in case they come back. */
    private static final int GONE_STATES_MAX = 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(Tails.class);

    private final LogDirectories directories;
    private final RecordReader reader;
    private final Map<SeenFile.Key, FileTail> files = new LinkedHashMap<>();
    private final GoneFiles gone;
    private int lastNumber;
    /** Counted at the beginning of each look and pass. */
    private long openFiles;

    private long rewritten;
    private int unreadable;

    /**
     * Takes up a source at stored positions.
     *
     * @param stored the states of all files that the store knows
     */
    public Tails(LogDirectories directories, RecordReader reader, List<FileState> stored) {
        this.directories = directories;
        this.reader = reader;
        this.gone = new GoneFiles(stored, GONE_STATES_MAX);
        this.lastNumber = stored.stream().mapToInt(FileState::number).max().orElse(0);
    }

    /** Looks which files there are. */
    public void scan() throws IOException {
        countOpenFiles();
        List<SeenFile> seen = directories.list();
        int unreadableBefore = unreadable;
        unreadable = 0;
        Set<SeenFile.Key> keys = seen.stream().map(SeenFile::key).collect(Collectors.toSet());
        for (SeenFile file : seen) {
            FileTail tail = files.get(file.key());
            if (tail != null) {
                tail.seen(file);
            } else {
                tryToAdd(file, unreadableBefore);
            }
        }
        Map<LogStream, Long> lastWritten = new EnumMap<>(LogStream.class);
        seen.forEach(file -> lastWritten.merge(file.stream(), file.modifiedMillis(), Math::max));
        for (SeenFile file : seen) {
            FileTail tail = files.get(file.key());
            if (tail != null) {
                tail.superseded(file.modifiedMillis() < lastWritten.getOrDefault(file.stream(), 0L));
            }
        }
        for (FileTail tail : files.values()) {
            if (!keys.contains(tail.key())) {
                tail.missing();
            }
        }
    }

    private void tryToAdd(SeenFile file, int unreadableBefore) {
        try {
            Optional<FileTail> added = resumed(file);
            if (added.isEmpty()) {
                added = FileTail.first(lastNumber + 1, file);
                added.ifPresent(tail -> lastNumber = tail.number());
            }
            if (added.isPresent()) {
                files.put(file.key(), added.get());
                openFiles++;
                closeIfTooMany(added.get());
            }
        } catch (IOException denied) {
            unreadable++;
            if (unreadable > unreadableBefore) {
                LOG.warn("log file cannot be read path={} reason={}", file.path(), denied.toString());
            }
        }
    }

    private Optional<FileTail> resumed(SeenFile file) throws IOException {
        for (FileState state : gone.candidates(file)) {
            Optional<FileTail> tail = FileTail.resumed(state, file);
            if (tail.isPresent()) {
                gone.remove(state);
                return tail;
            }
        }
        return Optional.empty();
    }

    private void countOpenFiles() {
        openFiles = files.values().stream().filter(FileTail::isOpen).count();
    }

    private void closeIfTooMany(FileTail tail) throws IOException {
        if (openFiles > OPEN_FILES_MAX && tail.isOpen()) {
            tail.close();
            openFiles--;
        }
    }

    /** What a pass over all files came to. */
    public enum Pass {
        /** Every complete record was taken. */
        EXHAUSTED,
        /** Some file has more. */
        MORE,
        /** The handler has no room. */
        FULL
    }

    /**
     * Reads at most one chunk from each file, those that were written to longest ago first.
     *
     * @param nowNanos a monotonic reading, to tell whether a file has come to rest
     */
    public Pass read(RecordHandler handler, long nowNanos) {
        Pass pass = Pass.EXHAUSTED;
        Set<LogStream> behind = EnumSet.noneOf(LogStream.class);
        countOpenFiles();
        for (FileTail file : new ArrayList<>(files.values())) {
            if (behind.contains(file.stream())) {
                continue;
            }
            try {
                Result result = read(file, handler, nowNanos);
                if (result == Result.FULL) {
                    return Pass.FULL;
                }
                if (result == Result.MORE) {
                    pass = Pass.MORE;
                    if (file.stream() == LogStream.STDERR || file.stream() == LogStream.POSTGRES) {
                        // What these repeat is looked up in the order of time.
                        behind.add(file.stream());
                    }
                }
            } catch (ClosedByInterruptException stopped) {
                // The caller finds itself interrupted at its next wait.
                return Pass.EXHAUSTED;
            } catch (IOException failed) {
                LOG.error("log file is given up path={} position={}", file.name(), file.position(), failed);
                drop(file);
            }
        }
        return pass;
    }

    private Result read(FileTail file, RecordHandler handler, long nowNanos) throws IOException {
        if (!file.readable(nowNanos)) {
            return file.scansMissing() < SCANS_MISSING_MAX ? Result.EXHAUSTED : finish(file, handler);
        }
        if (!file.isOpen()) {
            openFiles++;
        }
        if (!file.reopen()) {
            // Renamed or deleted since the last look: the next one will show.
            return file.scansMissing() < SCANS_MISSING_MAX ? Result.EXHAUSTED : finish(file, handler);
        }
        Result result = reader.read(file, file.rest(nowNanos), handler);
        if (result == Result.REWRITTEN) {
            restart(file);
            return Result.MORE;
        }
        if (result == Result.EXHAUSTED) {
            closeIfTooMany(file);
        }
        return result;
    }

    private Result finish(FileTail file, RecordHandler handler) throws IOException {
        if (file.isOpen()) {
            Result last = reader.read(file, Rest.IS_THERE, handler);
            if (last == Result.EXHAUSTED) {
                last = reader.readRest(file, handler);
            }
            if (last == Result.FULL || last == Result.MORE) {
                return last;
            }
        }
        drop(file);
        return Result.EXHAUSTED;
    }

    /** The same inode with other content is another file; what was not read of the old content is lost. */
    private void restart(FileTail file) throws IOException {
        LOG.warn("log file was truncated or rewritten path={} position={}", file.name(), file.position());
        rewritten++;
        drop(file);
        scan();
    }

    private void drop(FileTail file) {
        files.remove(file.key());
        if (file.position() > 0) {
            gone.add(file.state());
        }
        try {
            file.close();
        } catch (IOException failed) {
            LOG.warn("log file cannot be closed path={}", file.name(), failed);
        }
    }

    /** How many bytes are not read yet, as far as was seen. */
    public long unreadBytes() {
        return files.values().stream().mapToLong(FileTail::unread).sum();
    }

    /** How many files were truncated or rewritten so far. */
    public long rewritten() {
        return rewritten;
    }

    /** How many files the last look could not open. */
    public int unreadable() {
        return unreadable;
    }

    /** The numbers of the files that are there. */
    public Collection<Integer> numbers() {
        return files.values().stream().map(FileTail::number).toList();
    }

    public void close() {
        new ArrayList<>(files.values()).forEach(this::drop);
    }
}
