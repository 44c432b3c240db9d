package org.pgpod.logshipper.parse;

/**
 * Where a {@link Framer} found the end of a record, or how far it looked without finding one. Used again for every record by
 * one thread, so that the hot path allocates nothing.
 */
public final class Frame {
    private static final long BEGINNING = 0;

    private int end;
    private int next;
    private boolean torn;
    private long state;
    private int lookedTo;

    /** Stands at the beginning of a record. */
    public void begin() {
        state = BEGINNING;
    }

    /** Stands within a record, in a state that {@link #state} had. */
    public void resume(long earlier) {
        state = earlier;
    }

    /** What the framer remembers of the part of a record that it looked at. */
    public long state() {
        return state;
    }

    /** The index behind the record's last byte, without its line end. */
    public int end() {
        return end;
    }

    /** The index where the next record begins. */
    public int next() {
        return next;
    }

    /** Whether the record is not whole: its writer ended in the middle of it. */
    public boolean torn() {
        return torn;
    }

    /** Where looking goes on when there are more bytes. */
    public int lookedTo() {
        return lookedTo;
    }

    boolean whole(int recordEnd) {
        end = recordEnd;
        next = recordEnd + 1;
        torn = false;
        return true;
    }

    boolean torn(int recordEnd, int nextRecord) {
        end = recordEnd;
        next = nextRecord;
        torn = true;
        return true;
    }

    boolean notYet(int lookedAt, long reached) {
        lookedTo = lookedAt;
        state = reached;
        return false;
    }
}
