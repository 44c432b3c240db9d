package org.pgpod.logshipper.tail;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * What was logged to a file that is compressed now. Places are those of the bytes before compression. The bytes of the last
 * reading are kept, so that readings that overlap go forward; going back further unpacks from the start again.
 *
 * <p>Where the file ends before its compressed content does, as long as it is being written, that is its end for now. So is
 * damage.
 */
final class GzipContent implements Content {
    private static final int INPUT_BYTES = 16_384;
    private static final int SKIPPED_BYTES = 16_384;
    private final FileChannel channel;
    private @Nullable InputStream unpacked;
    private byte[] window = new byte[0];
    private int windowLength;
    /** Where the window begins; what follows it is unpacked next. */
    private long windowFrom;

    private long end;
    /** How many bytes the file had when the end was found; -1 before that. */
    private long storedAtEnd = -1;

    private boolean whole;
    private @Nullable String damage;

    GzipContent(FileChannel channel) {
        this.channel = channel;
    }

    @Override
    public long storedBytes() throws IOException {
        return channel.size();
    }

    @Override
    public long size() throws IOException {
        return channel.size() == storedAtEnd ? end : UNKNOWN_SIZE;
    }

    @Override
    public long storedBytesAt(long size) {
        return storedAtEnd;
    }

    /** Whether the end that was found is that of the compressed content, and not only of what there is of it. */
    boolean whole() {
        return whole;
    }

    @Override
    public int read(long from, byte[] buffer, int length) throws IOException {
        if (storedAtEnd >= 0 && channel.size() != storedAtEnd) {
            rest();
            storedAtEnd = -1;
            damage = null;
        }
        if (from < windowFrom) {
            rest();
        }
        if (!skipTo(from)) {
            return 0;
        }
        int filled = (int) Math.min(length, windowFrom + windowLength - from);
        System.arraycopy(window, (int) (from - windowFrom), buffer, 0, filled);
        if (filled < length) {
            filled += unpack(buffer, filled, length - filled);
            keep(from, buffer, filled);
        }
        return filled;
    }

    /** Unpacks up to a place; false if the content ends before it. */
    private boolean skipTo(long from) throws IOException {
        byte[] skipped = new byte[from > windowFrom + windowLength ? SKIPPED_BYTES : 0];
        int read = 1;
        while (windowFrom + windowLength < from && read > 0) {
            long left = from - windowFrom - windowLength;
            read = unpack(skipped, 0, (int) Math.min(skipped.length, left));
            windowFrom += windowLength + read;
            windowLength = 0;
        }
        return windowFrom + windowLength >= from;
    }

    private void keep(long from, byte[] buffer, int length) {
        if (window.length < length) {
            window = new byte[length];
        }
        System.arraycopy(buffer, 0, window, 0, length);
        windowFrom = from;
        windowLength = length;
    }

    /** Unpacks what comes next; less than {@code length} only at the end. */
    private int unpack(byte[] buffer, int offset, int length) throws IOException {
        int filled = 0;
        long stored = channel.size();
        if (stored == storedAtEnd && windowFrom + windowLength >= end) {
            return 0;
        }
        try {
            InputStream from = unpacked;
            if (from == null) {
                channel.position(0);
                from = new GZIPInputStream(new Unclosed(Channels.newInputStream(channel)), INPUT_BYTES);
                unpacked = from;
            }
            while (filled < length) {
                int read = from.read(buffer, offset + filled, length - filled);
                if (read < 0) {
                    endAt(windowFrom + windowLength + filled, stored, true);
                    return filled;
                }
                filled += read;
            }
        } catch (EOFException notYet) {
            endAt(windowFrom + windowLength + filled, stored, false);
        } catch (ZipException damaged) {
            damage = String.valueOf(damaged.getMessage());
            endAt(windowFrom + windowLength + filled, stored, false);
        }
        return filled;
    }

    private void endAt(long place, long stored, boolean complete) {
        end = place;
        storedAtEnd = stored;
        whole = complete;
    }

    /** Why what follows the end that was found cannot be unpacked. */
    Optional<String> damage() {
        return Optional.ofNullable(damage);
    }

    @Override
    public void rest() throws IOException {
        InputStream open = unpacked;
        unpacked = null;
        window = new byte[0];
        windowLength = 0;
        windowFrom = 0;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        rest();
        channel.close();
    }

    /** The file stays open when what reads it is closed. */
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream file) {
            super(file);
        }

        @Override
        public void close() {}
    }
}
