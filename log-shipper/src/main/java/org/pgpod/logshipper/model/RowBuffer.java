package org.pgpod.logshipper.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Rows of one table in the binary form of COPY, without its header and trailer, kept in segments that are used again. */
public final class RowBuffer {
    public static final int SEGMENT_BYTES = 65_536;

    private final List<byte[]> segments = new ArrayList<>();
    private final ArrayDeque<byte[]> spare;
    private byte[] current = new byte[0];
    private int at;
    private int rows;

    /** @param spare segments that nobody uses, shared by the buffers of a batch */
    RowBuffer(ArrayDeque<byte[]> spare) {
        this.spare = spare;
    }

    /** Receives the bytes of a buffer piece by piece. */
    @FunctionalInterface
    public interface Piece<E extends Exception> {
        void accept(byte[] bytes, int from, int length) throws E;
    }

    public void write(byte[] bytes, int from, int length) {
        int read = from;
        int left = length;
        while (left > 0) {
            if (at == current.length) {
                nextSegment();
            }
            int piece = Math.min(left, current.length - at);
            System.arraycopy(bytes, read, current, at, piece);
            at += piece;
            read += piece;
            left -= piece;
        }
    }

    public void writeShort(int value) {
        writeByte(value >>> 8);
        writeByte(value);
    }

    public void writeInt(int value) {
        if (current.length - at >= Integer.BYTES) {
            current[at++] = (byte) (value >>> 24);
            current[at++] = (byte) (value >>> 16);
            current[at++] = (byte) (value >>> 8);
            current[at++] = (byte) value;
        } else {
            writeShort(value >>> 16);
            writeShort(value);
        }
    }

    private void writeByte(int value) {
        if (at == current.length) {
            nextSegment();
        }
        current[at++] = (byte) value;
    }

    /** Counts one row, whose bytes were written before. */
    public void endRow() {
        rows++;
    }

    public int rows() {
        return rows;
    }

    public int size() {
        return segments.isEmpty() ? 0 : (segments.size() - 1) * SEGMENT_BYTES + at;
    }

    /** Passes all bytes on, in order. */
    public <E extends Exception> void forEach(Piece<E> piece) throws E {
        for (int i = 0; i < segments.size(); i++) {
            piece.accept(segments.get(i), 0, i == segments.size() - 1 ? at : SEGMENT_BYTES);
        }
    }

    /** A copy of all bytes in one array. */
    public byte[] toBytes() {
        byte[] all = new byte[size()];
        int[] written = {0};
        forEach((bytes, from, length) -> {
            System.arraycopy(bytes, from, all, written[0], length);
            written[0] += length;
        });
        return all;
    }

    /** Empties it and gives its segments back. */
    void clear() {
        spare.addAll(segments);
        segments.clear();
        current = new byte[0];
        at = 0;
        rows = 0;
    }

    private void nextSegment() {
        byte[] next = spare.poll();
        current = next == null ? new byte[SEGMENT_BYTES] : next;
        segments.add(current);
        at = 0;
    }
}
