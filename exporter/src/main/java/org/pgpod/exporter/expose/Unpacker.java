package org.pgpod.exporter.expose;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.pgpod.exporter.model.PackedLines;

/** Writes packed lines as they were, a buffer at a time. */
final class Unpacker implements AutoCloseable {
    private static final int BUFFER_BYTES = 65_536;

    private final Inflater inflater = new Inflater(true);
    private final byte[] buffer = new byte[BUFFER_BYTES];

    void write(PackedLines lines, OutputStream out) throws IOException {
        inflater.reset();
        inflater.setInput(lines.blocks());
        long left = lines.length();
        try {
            while (left > 0) {
                int count = inflater.inflate(buffer, 0, (int) Math.min(left, buffer.length));
                if (count == 0) {
                    throw new IllegalStateException(left + " bytes are missing in packed lines");
                }
                out.write(buffer, 0, count);
                left -= count;
            }
        } catch (DataFormatException ownBlocks) {
            throw new IllegalStateException("packed lines cannot be unpacked", ownBlocks);
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
