package org.pgpod.exporter.model;

/**
 * The lines of one family's series, compressed: whole blocks of deflate (RFC 1951) that end at a byte, of which none is the
 * last of a stream and none refers to what stands before them, so that they can stand anywhere in a stream.
 */
public final class PackedLines {
    private final byte[] blocks;
    private final long length;
    private final int crc32;

    /**
     * Takes the array as its own.
     *
     * @param length of the lines as they were, in bytes
     * @param crc32 of the lines as they were
     */
    public PackedLines(byte[] blocks, long length, int crc32) {
        this.blocks = blocks;
        this.length = length;
        this.crc32 = crc32;
    }

    /** Not to be changed. */
    public byte[] blocks() {
        return blocks;
    }

    public long length() {
        return length;
    }

    public int crc32() {
        return crc32;
    }
}
