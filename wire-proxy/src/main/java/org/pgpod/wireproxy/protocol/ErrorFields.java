package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/** Finds the SQLSTATE among the fields of an ErrorResponse that arrives in parts. A malformed response yields none. */
public final class ErrorFields {
    private static final byte SQL_STATE = 'C';

    private boolean betweenFields;
    private byte field;
    private long sqlState;
    private int characters;

    /** The SQLSTATE of a whole ErrorResponse, as {@link SqlState#packed}. */
    public static long sqlState(ByteBuf error) {
        ErrorFields fields = new ErrorFields();
        fields.reset();
        fields.read(
                error,
                error.readerIndex() + MessageWalker.HEADER_BYTES,
                error.readableBytes() - MessageWalker.HEADER_BYTES);
        return fields.sqlState();
    }

    void reset() {
        betweenFields = true;
        field = 0;
        sqlState = SqlState.NONE;
        characters = 0;
    }

    void read(ByteBuf buffer, int index, int bytes) {
        // The code stands before the message text, so that only a few bytes are looked at one by one.
        for (int i = index; i < index + bytes && characters < SqlState.LENGTH; i++) {
            byte next = buffer.getByte(i);
            if (betweenFields) {
                field = next;
                betweenFields = false;
            } else if (next == 0) {
                betweenFields = true;
            } else if (field == SQL_STATE) {
                sqlState = (sqlState << 8) | (next & 0xff);
                characters++;
            }
        }
    }

    long sqlState() {
        return characters == SqlState.LENGTH ? sqlState : SqlState.NONE;
    }
}
