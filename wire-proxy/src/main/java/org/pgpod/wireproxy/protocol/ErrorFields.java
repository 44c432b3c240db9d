package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Finds SQLSTATE and severity among the fields of an ErrorResponse or NoticeResponse that arrives in parts. A malformed
 * one yields none.
 */
public final class ErrorFields {
    private static final byte SQL_STATE = 'C';
    private static final byte SEVERITY = 'V';
    private static final byte END = 0;
    /** One byte more than the longest severity has: a longer word is none, whatever else it begins with. */
    private static final int SEVERITY_BYTES_MAX = 8;

    private boolean betweenFields;
    private byte field;
    private long sqlState;
    private int sqlStateBytes;
    private long severity;
    private int severityBytes;
    private boolean severityComplete;

    /** Those of a whole ErrorResponse or NoticeResponse, header included. */
    public static ErrorFields of(ByteBuf message) {
        ErrorFields fields = new ErrorFields();
        fields.reset();
        fields.read(
                message,
                message.readerIndex() + MessageWalker.HEADER_BYTES,
                message.readableBytes() - MessageWalker.HEADER_BYTES);
        return fields;
    }

    void reset() {
        betweenFields = true;
        field = END;
        sqlState = SqlState.NONE;
        sqlStateBytes = 0;
        severity = 0;
        severityBytes = 0;
        severityComplete = false;
    }

    void read(ByteBuf buffer, int index, int bytes) {
        // Both stand before the message text, so that only a few bytes are looked at one by one.
        for (int i = index; i < index + bytes && !complete(); i++) {
            byte next = buffer.getByte(i);
            if (betweenFields) {
                field = next;
                betweenFields = false;
            } else if (next == END) {
                betweenFields = true;
                severityComplete |= field == SEVERITY;
            } else if (field == SQL_STATE && sqlStateBytes < SqlState.LENGTH) {
                sqlState = (sqlState << 8) | (next & 0xff);
                sqlStateBytes++;
            } else if (field == SEVERITY && severityBytes < SEVERITY_BYTES_MAX) {
                severity = (severity << 8) | (next & 0xff);
                severityBytes++;
            }
        }
    }

    private boolean complete() {
        return severityComplete && sqlStateBytes == SqlState.LENGTH;
    }

    /** As {@link SqlState#packed}. */
    public long sqlState() {
        return sqlStateBytes == SqlState.LENGTH ? sqlState : SqlState.NONE;
    }

    public Severity severity() {
        return severityComplete ? Severity.of(severity) : Severity.UNKNOWN;
    }
}
