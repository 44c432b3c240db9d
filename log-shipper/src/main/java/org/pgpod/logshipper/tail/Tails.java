package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
 * end before it is dropped. A copy, compressed or not, goes on where its original was once that is gone. Used by one thread.
 */
public final class Tails {
    /** A listing can miss a file that is renamed meanwhile: one is believed deleted after this many without it. */
    private static final int SCANS_MISSING_MAX = 3;

    /** How many files are kept open to survive their deletion; more are opened one after the other. */
    private static final int OPEN_FILES_MAX = 256;

    /** States of files that are gone, in case they come back. */
    private static final int GONE_STATES_MAX = 1_024;

    /** With more files than this one that appears is not compared with each to see whether it is a copy. */
    private static final int FILES_COMPARED_MAX = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(Tails.class);

    private final LogDirectories directories;
    private final RecordReader reader;
    private final Map<SeenFile.Key, FileTail> files = new LinkedHashMap<>();
    private final GoneFiles gone;
    private int lastNumber;
    private int compressedFiles;
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
                tryToAdd(file, seen, unreadableBefore);
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

    private void tryToAdd(SeenFile file, List<SeenFile> seen, int unreadableBefore) {
        try {
            Optional<FileTail> added = added(file, seen);
            if (added.isPresent()) {
                files.put(file.key(), added.get());
                compressedFiles += file.compressed() ? 1 : 0;
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

    /** A copy is left alone as long as what it was made from is there, which may still be written to. */
    private Optional<FileTail> added(SeenFile file, List<SeenFile> seen) throws IOException {
        Optional<byte[]> beginning = Content.beginning(file);
        if (beginning.isEmpty() || beginning.get().length == 0) {
            // Nothing was written to it yet, which may turn out to be a copy.
            return Optional.empty();
        }
        dropCompressedFormOf(file);
        if (isCopy(file, beginning.get()) || (file.compressed() && isOtherForm(file, beginning.get(), seen))) {
            return Optional.empty();
        }
        for (FileState state : gone.candidates(file, beginning.get())) {
            Optional<FileTail> tail = FileTail.resumed(state, file);
            if (tail.isPresent()) {
                gone.remove(state);
                return tail;
            }
            if (GoneFiles.isOfAnother(state, file)
                    && GoneFiles.begins(state, beginning.get())
                    && Content.endsBefore(state.position(), file)) {
                // Copied before the original was read further and then truncated: there is nothing new in it.
                return Optional.empty();
            }
        }
        Optional<FileTail> added = FileTail.first(lastNumber + 1, file, beginning.get());
        added.ifPresent(tail -> lastNumber = tail.number());
        return added;
    }

    /** Unpacked again, a file goes on where its compressed form was. */
    private void dropCompressedFormOf(SeenFile file) throws IOException {
        if (compressedFiles > 0 && !file.compressed()) {
            for (FileTail tail : List.copyOf(files.values())) {
                if (tail.compressed() && tail.isOtherFormOf(file)) {
                    drop(tail);
                }
            }
        }
    }

    private boolean isCopy(SeenFile file, byte[] beginning) throws IOException {
        if (files.size() <= FILES_COMPARED_MAX) {
            for (FileTail tail : files.values()) {
                if (tail.stream() == file.stream() && tail.begins(beginning)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the file from which this one was compressed is there, by name and content. */
    private static boolean isOtherForm(SeenFile file, byte[] beginning, List<SeenFile> seen) throws IOException {
        String nameBefore = SeenFile.nameBefore(file.name());
        for (SeenFile other : seen) {
            if (other.stream() == file.stream() && other.name().equals(nameBefore)) {
                byte[] bytes = Content.beginning(other).orElseGet(() -> new byte[0]);
                int length = Math.min(bytes.length, beginning.length);
                return length > 0 && Arrays.equals(bytes, 0, length, beginning, 0, length);
            }
        }
        return false;
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
                    if (file.compressed() || file.stream() == LogStream.STDERR || file.stream() == LogStream.POSTGRES) {
                        // What these repeat is looked up in the order of time; unpacking takes memory for each file.
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
        compressedFiles -= file.compressed() ? 1 : 0;
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

    /**
     * When Postgres may come back to the name of a file that is not read to its end, and truncate it.
     *
     * @param cycle after how long it comes back to a name
     * @return a time in milliseconds since 1970; empty when every file of Postgres is read
     */
    public OptionalLong overwriteMillis(Duration cycle) {
        Map<LogStream, List<FileTail>> byStream = files.values().stream()
                .filter(file -> file.stream() != LogStream.SIDECAR && !file.compressed())
                .sorted(Comparator.comparingLong(FileTail::modifiedMillis))
                .collect(Collectors.groupingBy(FileTail::stream));
        return byStream.values().stream()
                .flatMapToLong(ofStream -> overwriteMillis(ofStream, cycle).stream())
                .min();
    }

    private static OptionalLong overwriteMillis(List<FileTail> oldestFirst, Duration cycle) {
        for (int i = 0; i < oldestFirst.size(); i++) {
            FileTail file = oldestFirst.get(i);
            if (file.unread() > 0) {
                // It was begun when the one before it was last written to, or took as long as the one behind it.
                long ended = file.modifiedMillis();
                long began = i > 0
                        ? oldestFirst.get(i - 1).modifiedMillis()
                        : oldestFirst.size() > 1
                                ? 2 * ended - oldestFirst.get(1).modifiedMillis()
                                : ended;
                return OptionalLong.of(began + cycle.toMillis());
            }
        }
        return OptionalLong.empty();
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
