package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * The error that takes the place of a commit's success when its wait for synchronous standbys was given up: SQLSTATE
 * 08007, {@code transaction_resolution_unknown}.
 */
public final class UnresolvedCommit {
    private static final FatalError ERROR = new FatalError(
            "08007",
            "the transaction was committed on this server, but may not have reached a synchronous standby",
            "",
            "After a failover its changes may be there or not: look before trying again.");

    private static final int HEADER_BYTES = 5;
    private static final byte END = 0;

    private UnresolvedCommit() {}

    /**
     * The whole message, with the text of Postgres's notice as its detail. An empty notice leaves the detail out. The
     * text is copied byte by byte, because it is in whatever encoding the client asked for.
     */
    public static ByteBuf error(ByteBuf notice, ByteBufAllocator allocator) {
        ByteBuf message = field(notice, (byte) 'M');
        ByteBuf detail = field(notice, (byte) 'D');
        ByteBuf buffer = ERROR.begin(allocator);
        if (message.isReadable()) {
            buffer.writeByte('D').writeBytes(message);
            if (detail.isReadable()) {
                buffer.writeByte(':').writeByte(' ').writeBytes(detail);
            }
            buffer.writeByte(END);
        }
        return ERROR.end(buffer);
    }

    /** Whether this whole notice says that a commit was not confirmed by its synchronous standbys. */
    public static boolean isToldBy(ByteBuf notice) {
        NoticeRoutine routine = new NoticeRoutine();
        routine.reset();
        routine.read(notice, notice.readerIndex() + HEADER_BYTES, notice.readableBytes() - HEADER_BYTES);
        return routine.isOfCommit();
    }

    /** What Postgres's notice says, for the log; empty for an empty notice. */
    public static String text(ByteBuf notice) {
        return field(notice, (byte) 'M').toString(StandardCharsets.UTF_8);
    }

    static ByteBuf field(ByteBuf notice, byte wanted) {
        int at = notice.readerIndex() + HEADER_BYTES;
        while (at < notice.writerIndex() && notice.getByte(at) != END) {
            int end = notice.indexOf(at + 1, notice.writerIndex(), END);
            if (end < 0) {
                break;
            }
            if (notice.getByte(at) == wanted) {
                return notice.slice(at + 1, end - at - 1);
            }
            at = end + 1;
        }
        return notice.slice(notice.readerIndex(), 0);
    }
}
