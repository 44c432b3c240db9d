package org.pgpod.logshipper.model;

/**
 * One record as it stands in its file, without its line end. A view that is filled again for each record: it is valid only
 * during the call that it is passed to. The array may be written after {@link #to()}, where {@link #SLACK_BYTES} are free.
 */
public final class RawRecord {
    /** How many bytes after the record a parser may overwrite. */
    public static final int SLACK_BYTES = 8;

    private byte[] bytes = new byte[0];
    private int from;
    private int to;
    private long position;
    private long length;

    /**
     * Shows another record.
     *
     * @param position where it begins in the file
     * @param length its length in the file without the line end; greater than {@code to - from} when it was cut
     */
    public RawRecord show(byte[] bytes, int from, int to, long position, long length) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.position = position;
        this.length = length;
        return this;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    public long position() {
        return position;
    }

    public long length() {
        return length;
    }

    /** Whether the record was longer than the limit and only its beginning is here. */
    public boolean truncated() {
        return length > to - from;
    }
}
