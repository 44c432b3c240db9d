package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Tells from the fields of a NoticeResponse, which may arrive in parts, whether it comes from the routine of Postgres in
 * which a commit waits for its synchronous standbys. That routine reports nothing but that the wait was given up.
 */
final class NoticeRoutine {
    private static final byte ROUTINE = 'R';
    private static final byte END = 0;

    // The name of a C function: unlike every text of a notice it is never translated.
    private static final byte[] COMMIT_WAIT = {
        'S', 'y', 'n', 'c', 'R', 'e', 'p', 'W', 'a', 'i', 't', 'F', 'o', 'r', 'L', 'S', 'N'
    };

    private boolean betweenFields;
    private byte field;

    /** How many bytes of the name have matched; less than 0 once one has not. */
    private int matched;

    private boolean ofCommit;

    void reset() {
        betweenFields = true;
        field = END;
        ofCommit = false;
    }

    void read(ByteBuf buffer, int index, int bytes) {
        for (int i = index; i < index + bytes; i++) {
            byte next = buffer.getByte(i);
            if (betweenFields) {
                field = next;
                betweenFields = false;
                matched = 0;
            } else if (next == END) {
                betweenFields = true;
                ofCommit |= field == ROUTINE && matched == COMMIT_WAIT.length;
            } else if (field == ROUTINE) {
                match(next);
            }
        }
    }

    private void match(byte next) {
        boolean matches = matched >= 0 && matched < COMMIT_WAIT.length && COMMIT_WAIT[matched] == next;
        matched = matches ? matched + 1 : -1;
    }

    boolean isOfCommit() {
        return ofCommit;
    }
}
