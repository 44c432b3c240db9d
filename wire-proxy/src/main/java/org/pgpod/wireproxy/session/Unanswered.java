package org.pgpod.wireproxy.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.protocol.SqlText;

/**
 * What a client has sent that Postgres has not answered, oldest first, with the time of each. A ring that grows to what a
 * session needs, up to {@link #ENTRIES_MAX}, and allocates nothing from then on.
 */
final class Unanswered {
    /** Statements under way in one session that are timed. */
    static final int ENTRIES_MAX = 8_192;

    private static final int ENTRIES_FIRST = 4;

    /** What was sent. */
    enum Kind {
        /** Query: any number of statements, answered by one ReadyForQuery. */
        QUERY,
        /** FunctionCall: no statement, but answered by one ReadyForQuery. */
        CALL,
        /** Execute: one statement. */
        EXECUTE,
        /** Sync: answered by one ReadyForQuery. */
        SYNC;

        boolean isAnsweredByReady() {
            return this != EXECUTE;
        }
    }

    private Kind[] kinds = new Kind[ENTRIES_FIRST];
    private long[] starts = new long[ENTRIES_FIRST];
    private @Nullable SqlText[] texts = new @Nullable SqlText[ENTRIES_FIRST];
    private int first;
    private int size;

    /** Adds one; false when there is no room. */
    boolean add(Kind kind, long startNanos) {
        if (size == kinds.length) {
            if (size == ENTRIES_MAX) {
                return false;
            }
            grow();
        }
        int place = (first + size) & (kinds.length - 1);
        kinds[place] = kind;
        starts[place] = startNanos;
        texts[place] = null;
        size++;
        return true;
    }

    private void grow() {
        int length = kinds.length;
        Kind[] moreKinds = Arrays.copyOf(kinds, 2 * length);
        long[] moreStarts = Arrays.copyOf(starts, 2 * length);
        @Nullable SqlText[] moreTexts = Arrays.copyOf(texts, 2 * length);
        for (int i = 0; i < length; i++) {
            int place = (first + i) & (length - 1);
            moreKinds[i] = kinds[place];
            moreStarts[i] = starts[place];
            moreTexts[i] = texts[place];
        }
        kinds = moreKinds;
        starts = moreStarts;
        texts = moreTexts;
        first = 0;
    }

    /** Gives the youngest one its text; false if it has one, or there is none. */
    boolean attach(SqlText text) {
        int place = (first + size - 1) & (kinds.length - 1);
        if (size == 0 || texts[place] != null) {
            return false;
        }
        texts[place] = text;
        return true;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The oldest one; there must be one. */
    Kind kind() {
        return kinds[first];
    }

    long startNanos() {
        return starts[first];
    }

    @Nullable
    SqlText text() {
        return texts[first];
    }

    /** The oldest one begins anew: a Query goes on with its next statement. */
    void restart(long startNanos) {
        starts[first] = startNanos;
    }

    /** Removes the oldest one. */
    void remove() {
        texts[first] = null;
        first = (first + 1) & (kinds.length - 1);
        size--;
    }

    /** How many stand behind the oldest one and are answered by ReadyForQuery. */
    int readyDueBehindFirst() {
        int count = 0;
        for (int i = 1; i < size; i++) {
            if (kinds[(first + i) & (kinds.length - 1)].isAnsweredByReady()) {
                count++;
            }
        }
        return count;
    }

    /** Moves the oldest one to the place of the one behind it, which is forgotten; there must be two. */
    void removeSecond() {
        int second = (first + 1) & (kinds.length - 1);
        kinds[second] = kinds[first];
        starts[second] = starts[first];
        texts[second] = texts[first];
        texts[first] = null;
        first = second;
        size--;
    }

    int size() {
        return size;
    }

    /** The text of the one behind the oldest one; there must be two. */
    @Nullable
    SqlText secondText() {
        return texts[(first + 1) & (kinds.length - 1)];
    }
}
