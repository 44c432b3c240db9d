package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Follows what Postgres sends and reports the few messages that tell how a session stands. One that watches commits stops
 * for good behind the notice that a commit was not confirmed by its synchronous standbys.
 */
public final class BackendWalker extends MessageWalker {
    /**
     * The longest notice that {@link #noticeBytes} speaks of. Those of an unresolved commit have a few hundred bytes in
     * any language, unless a function that commits adds its context.
     */
    public static final int NOTICE_BYTES_MAX = 8_192;

    private static final int TAG_BYTES = 6;
    private static final int AUTHENTICATION_BYTES = 4;

    private final BackendObserver observer;
    private final boolean watchesCommits;
    private final ErrorFields errorFields = new ErrorFields();
    private final ApplicationName parameter = new ApplicationName();
    private final NoticeRoutine noticeRoutine = new NoticeRoutine();

    /** The first bytes of the body, and how many of them; {@code wanted} is how many the message's meaning needs. */
    private long first;

    private int taken;
    private int wanted;

    private BackendWalker(BackendObserver observer, boolean watchesCommits) {
        this.observer = observer;
        this.watchesCommits = watchesCommits;
    }

    /** One that looks into notices, and stops behind that of an unresolved commit. */
    public static BackendWalker watchingCommits(BackendObserver observer) {
        return new BackendWalker(observer, true);
    }

    /** One that lets notices of every kind pass. */
    public static BackendWalker passingNotices(BackendObserver observer) {
        return new BackendWalker(observer, false);
    }

    /**
     * How many of the bytes walked over last must not pass yet, because they belong to a notice that is not yet complete
     * or to the one this walker stopped behind. They may reach back into earlier chunks. 0 for a notice that is longer
     * than {@link #NOTICE_BYTES_MAX}.
     */
    public int noticeBytes() {
        if (!watchesCommits || type() != Backend.NOTICE_RESPONSE) {
            return 0;
        }
        if (headerComplete() && bodyBytes() > NOTICE_BYTES_MAX - HEADER_BYTES) {
            return 0;
        }
        return stopped() ? HEADER_BYTES + bodyBytes() : unfinishedBytes();
    }

    @Override
    boolean begun(byte messageType) {
        switch (messageType) {
            case Backend.COMMAND_COMPLETE -> wanted = TAG_BYTES;
            case Backend.READY_FOR_QUERY -> wanted = 1;
            case Backend.AUTHENTICATION -> wanted = AUTHENTICATION_BYTES;
            case Backend.ERROR_RESPONSE, Backend.NOTICE_RESPONSE -> {
                wanted = 0;
                errorFields.reset();
                noticeRoutine.reset();
            }
            case Backend.PARAMETER_STATUS -> {
                wanted = 0;
                parameter.reset();
            }
            case Backend.EMPTY_QUERY_RESPONSE -> {
                observer.emptyQuery();
                return false;
            }
            case Backend.PORTAL_SUSPENDED -> {
                observer.portalSuspended();
                return false;
            }
            case Backend.COPY_IN_RESPONSE -> {
                observer.copyInStarted();
                return false;
            }
            case Backend.DATA_ROW,
                    Backend.COPY_DATA,
                    Backend.ROW_DESCRIPTION,
                    Backend.PARSE_COMPLETE,
                    Backend.BIND_COMPLETE,
                    Backend.CLOSE_COMPLETE,
                    Backend.PARAMETER_DESCRIPTION,
                    Backend.NO_DATA,
                    Backend.COPY_DONE,
                    Backend.COPY_OUT_RESPONSE,
                    Backend.COPY_BOTH_RESPONSE,
                    Backend.FUNCTION_CALL_RESPONSE,
                    Backend.NOTIFICATION_RESPONSE,
                    Backend.BACKEND_KEY_DATA,
                    Backend.NEGOTIATE_PROTOCOL_VERSION -> {
                return false;
            }
            default -> {
                observer.unknownMessage();
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
        if (type() == Backend.ERROR_RESPONSE) {
            errorFields.read(buffer, index, bytes);
        } else if (type() == Backend.PARAMETER_STATUS) {
            parameter.read(buffer, index, bytes);
        } else if (type() == Backend.NOTICE_RESPONSE) {
            errorFields.read(buffer, index, bytes);
            if (watchesCommits) {
                noticeRoutine.read(buffer, index, bytes);
            }
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
            case Backend.PARAMETER_STATUS -> {
                if (parameter.isApplicationName()) {
                    observer.applicationName(parameter.value());
                }
            }
            case Backend.NOTICE_RESPONSE -> {
                observer.notice(errorFields.severity());
                if (noticeRoutine.isOfCommit()) {
                    observer.commitUnresolved();
                    stop();
                }
            }
            default -> observer.error(errorFields.sqlState(), errorFields.severity());
        }
    }
}
