package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/** Follows what Postgres sends and reports the few messages that tell how a session stands. */
public final class BackendWalker extends MessageWalker {
    private static final int TAG_BYTES = 6;
    private static final int AUTHENTICATION_BYTES = 4;

    private final BackendObserver observer;
    private final ErrorFields errorFields = new ErrorFields();

    /** The first bytes of the body, and how many of them; {@code wanted} is how many the message's meaning needs. */
    private long first;

    private int taken;
    private int wanted;

    public BackendWalker(BackendObserver observer) {
        this.observer = observer;
    }

    @Override
    boolean begun(byte messageType) {
        switch (messageType) {
            case Backend.COMMAND_COMPLETE -> wanted = TAG_BYTES;
            case Backend.READY_FOR_QUERY -> wanted = 1;
            case Backend.AUTHENTICATION -> wanted = AUTHENTICATION_BYTES;
            case Backend.ERROR_RESPONSE -> {
                wanted = 0;
                errorFields.reset();
            }
            case Backend.NOTICE_RESPONSE -> {
                observer.notice();
                return false;
            }
            case Backend.COPY_IN_RESPONSE -> {
                observer.copyInStarted();
                return false;
            }
            default -> {
                return false;
            }
        }
        first = 0;
        taken = 0;
        return true;
    }

    @Override
    void body(ByteBuf buffer, int index, int bytes) {
        int end = index + Math.min(bytes, wanted - taken);
        for (int i = index; i < end; i++) {
            first = (first << 8) | (buffer.getByte(i) & 0xff);
            taken++;
        }
        if (wanted == 0) {
            errorFields.read(buffer, index, bytes);
        }
    }

    @Override
    void ended(byte messageType) {
        switch (messageType) {
            case Backend.COMMAND_COMPLETE -> observer.commandComplete(CommandTag.of(first));
            case Backend.READY_FOR_QUERY -> observer.readyForQuery((byte) first);
            case Backend.AUTHENTICATION -> {
                if (taken == AUTHENTICATION_BYTES && first == 0) {
                    observer.authenticated();
                }
            }
            default -> observer.error(errorFields.sqlState());
        }
    }
}
