package org.pgpod.wireproxy.protocol;

/** The first word of a CommandComplete message, as far as it matters here. */
public enum CommandTag {
    SELECT,
    INSERT,
    UPDATE,
    DELETE,
    BEGIN,
    COMMIT,
    ROLLBACK,
    OTHER;

    private static final long SELECT_BYTES = word("SELECT");
    private static final long INSERT_BYTES = word("INSERT");
    private static final long UPDATE_BYTES = word("UPDATE");
    private static final long DELETE_BYTES = word("DELETE");
    private static final long COMMIT_BYTES = word("COMMIT");
    private static final long BEGIN_BYTES = word("BEGIN\0");
    private static final long START_TRANSACTION_BYTES = word("START ");
    private static final long ROLLBACK_BYTES = word("ROLLBA");

    /** Recognises a tag by its first six bytes, the first byte highest. */
    static CommandTag of(long sixBytes) {
        if (sixBytes == SELECT_BYTES) {
            return SELECT;
        }
        if (sixBytes == INSERT_BYTES) {
            return INSERT;
        }
        if (sixBytes == UPDATE_BYTES) {
            return UPDATE;
        }
        if (sixBytes == DELETE_BYTES) {
            return DELETE;
        }
        if (sixBytes == COMMIT_BYTES) {
            return COMMIT;
        }
        if (sixBytes == BEGIN_BYTES || sixBytes == START_TRANSACTION_BYTES) {
            return BEGIN;
        }
        return sixBytes == ROLLBACK_BYTES ? ROLLBACK : OTHER;
    }

    /** Recognises a whole tag. */
    public static CommandTag of(String tag) {
        return of(word((tag + "\0\0\0\0\0\0").substring(0, 6)));
    }

    private static long word(String six) {
        long packed = 0;
        for (int i = 0; i < six.length(); i++) {
            packed = (packed << 8) | six.charAt(i);
        }
        return packed;
    }
}
