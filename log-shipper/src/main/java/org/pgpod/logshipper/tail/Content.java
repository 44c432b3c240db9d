package org.pgpod.logshipper.tail;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

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

    static Content of(SeenFile file, FileChannel channel) {
        return file.compressed() ? new GzipContent(channel) : new Plain(channel);
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
