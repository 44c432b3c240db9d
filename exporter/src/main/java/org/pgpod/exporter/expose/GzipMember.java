package org.pgpod.exporter.expose;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.pgpod.exporter.model.PackedLines;

/**
 * Writes one gzip member (RFC 1952) of bytes and of packed lines. One member, because there are clients that read no
 * second.
 */
final class GzipMember implements AutoCloseable {
    /** Metrics shrink to a tenth at the lowest level already; higher ones cost several times the CPU. */
    static final int LEVEL = Deflater.BEST_SPEED;

    private static final int BUFFER_BYTES = 16_384;

    /** The magic number, deflate, no flags, no time, the fastest level, an unknown system. */
    private static final byte[] HEADER = {31, (byte) 139, 8, 0, 0, 0, 0, 0, 4, (byte) 255};

    private final OutputStream out;
    private final Deflater deflater = new Deflater(LEVEL, true);
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int crc32;
    private long length;

    GzipMember(OutputStream out) throws IOException {
        this.out = out;
        out.write(HEADER);
    }

    void write(byte[] bytes) throws IOException {
        deflater.setInput(bytes);
        drain(Deflater.NO_FLUSH);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        count((int) crc.getValue(), bytes.length);
    }

    /** Adds packed lines as they are: what comes after them must not refer to what stands before, hence the full flush. */
    void write(PackedLines lines) throws IOException {
        drain(Deflater.FULL_FLUSH);
        out.write(lines.blocks());
        count(lines.crc32(), lines.length());
    }

    private void drain(int flush) throws IOException {
        int count;
        do {
            count = deflater.deflate(buffer, 0, buffer.length, flush);
            out.write(buffer, 0, count);
        } while (count == buffer.length);
    }

    private void count(int crcOfMore, long more) {
        crc32 = Crc32Sum.of(crc32, crcOfMore, more);
        length += more;
    }

    /** Writes the end. */
    void finish() throws IOException {
        deflater.finish();
        drain(Deflater.NO_FLUSH);
        ByteBuffer trailer = ByteBuffer.allocate(2 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.write(trailer.putInt(crc32).putInt((int) length).array());
    }

    @Override
    public void close() {
        deflater.end();
    }
}
