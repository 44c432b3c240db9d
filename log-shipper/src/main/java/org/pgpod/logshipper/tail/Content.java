package org.pgpod.logshipper.tail;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.pgpod.logshipper.model.Fingerprint;

/** What was logged to a file, to be read from any place; {@link #storedBytes} tells whether there may be more of it. */
interface Content extends Closeable {
    /** What {@link #size} says as long as the end was not seen. */
    long UNKNOWN_SIZE = Long.MAX_VALUE;

    /** How many bytes the file takes now. */
    long storedBytes() throws IOException;

    /** How many bytes there are to read, or {@link #UNKNOWN_SIZE}. */
    long size() throws IOException;

    /** How many bytes the file took when its content ended at {@code size}. */
    long storedBytesAt(long size);

    /** Fills {@code buffer} from a place on; returns how many bytes there were, at most {@code length}. */
    int read(long from, byte[] buffer, int length) throws IOException;

    /** Gives back what is needed for reading on only. */
    void rest() throws IOException;

    /** Opens a file; empty if the path means another one by now: it must show the same inode before and after. */
    static Optional<Content> open(SeenFile file) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file.path(), StandardOpenOption.READ);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
        Optional<SeenFile> now = LogDirectories.look(file.stream(), file.path());
        if (now.isPresent() && now.get().inode() == file.inode()) {
            return Optional.of(file.compressed() ? new GzipContent(channel) : new Plain(channel));
        }
        channel.close();
        return Optional.empty();
    }

    /**
     * What a file begins with, at most {@link Fingerprint#BYTES_MAX} bytes; less only if that is all that is in it. Empty for
     * a file that is gone, and for a compressed one of which so much is not there yet.
     */
    static Optional<byte[]> beginning(SeenFile file) throws IOException {
        Optional<Content> opened = open(file);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (Content content = opened.get()) {
            byte[] bytes = new byte[Fingerprint.BYTES_MAX];
            int length = content.read(0, bytes, bytes.length);
            if (length < bytes.length && content instanceof GzipContent gzip) {
                if (gzip.damage().isPresent()) {
                    throw new IOException(file.path() + " cannot be unpacked: "
                            + gzip.damage().get());
                }
                return gzip.whole() ? Optional.of(Arrays.copyOf(bytes, length)) : Optional.empty();
            }
            return Optional.of(Arrays.copyOf(bytes, length));
        }
    }

    /** Whether the content of a file ends before a place. */
    static boolean endsBefore(long place, SeenFile file) throws IOException {
        if (!file.compressed()) {
            return file.size() < place;
        }
        Optional<Content> opened = open(file);
        if (opened.isEmpty()) {
            return false;
        }
        try (Content content = opened.get()) {
            return content.read(place - 1, new byte[1], 1) == 0;
        }
    }

    /** The bytes of the file themselves. */
    record Plain(FileChannel channel) implements Content {
        @Override
        public long storedBytes() throws IOException {
            return channel.size();
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public long storedBytesAt(long size) {
            return size;
        }

        @Override
        public int read(long from, byte[] buffer, int length) throws IOException {
            ByteBuffer into = ByteBuffer.wrap(buffer, 0, length);
            long at = from;
            while (into.hasRemaining()) {
                int read = channel.read(into, at);
                if (read < 0) {
                    break;
                }
                at += read;
            }
            return into.position();
        }

        @Override
        public void rest() {}

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
