package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.LogStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps Postgres's log files within a bound by deleting the oldest of them, and only those of which every sink has taken every
 * byte, by position and content. The file of each format that was written to last stays, and so does one that was written to
 * within {@link #REST_MILLIS}.
 */
public final class ShippedFiles {
    /** Postgres goes on to another file and does not come back to this one within that time. */
    private static final long REST_MILLIS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(ShippedFiles.class);

    private final LogDirectories directories;
    private final long bytesMax;

    public ShippedFiles(LogDirectories directories, long bytesMax) {
        this.directories = directories;
        this.bytesMax = bytesMax;
    }

    /**
     * What a look came to.
     *
     * @param bytes what the files take now
     * @param deletedFiles how many were deleted
     * @param deletedBytes what those took
     */
    public record Outcome(long bytes, int deletedFiles, long deletedBytes) {}

    /**
     * Deletes files until the rest is within the bound, as far as there are any that may be deleted.
     *
     * @param stored for each sink the states that it has stored
     * @param nowMillis the wall clock, which times of files are told by
     */
    public Outcome deleteDown(List<Collection<FileState>> stored, long nowMillis) throws IOException {
        List<SeenFile> files = directories.list().stream()
                .filter(file -> file.stream() != LogStream.SIDECAR)
                .toList();
        Map<LogStream, SeenFile> last = new EnumMap<>(LogStream.class);
        files.forEach(file -> last.put(file.stream(), file));
        long bytes = files.stream().mapToLong(SeenFile::size).sum();
        int deletedFiles = 0;
        long deletedBytes = 0;
        for (SeenFile file : files) {
            boolean rests = nowMillis - file.modifiedMillis() >= REST_MILLIS && !file.equals(last.get(file.stream()));
            if (bytes - deletedBytes > bytesMax && rests && isStored(file, stored) && delete(file)) {
                deletedFiles++;
                deletedBytes += file.size();
            }
        }
        return new Outcome(bytes - deletedBytes, deletedFiles, deletedBytes);
    }

    private static boolean isStored(SeenFile file, List<Collection<FileState>> stored) throws IOException {
        for (Collection<FileState> ofSink : stored) {
            boolean whole = false;
            for (FileState state : ofSink) {
                whole |= state.stream() == file.stream()
                        && state.inode() == file.inode()
                        && FileTail.isWhole(state, file);
            }
            if (!whole) {
                return false;
            }
        }
        return !stored.isEmpty();
    }

    /** Deletes a file that is still as it was when it was looked at. */
    private static boolean delete(SeenFile file) throws IOException {
        Optional<SeenFile> now = LogDirectories.look(file.stream(), file.path());
        if (now.isEmpty() || !now.get().equals(file)) {
            return false;
        }
        Files.delete(file.path());
        LOG.info("shipped log file deleted path={} bytes={}", file.path(), file.size());
        return true;
    }
}
