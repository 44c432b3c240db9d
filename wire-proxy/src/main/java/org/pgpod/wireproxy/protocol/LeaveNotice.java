package org.pgpod.wireproxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * What a proxy tells the pool of another pod when a switchover begins: this connection should be closed as soon as it is at
 * rest, and until then whatever comes over it is carried out. A NoticeResponse, known by its routine, which no SQL can set.
 */
public final class LeaveNotice {
    private static final String ROUTINE = "pgpod_leave";
    private static final int BYTES = 128;

    private LeaveNotice() {}

    /** The whole message. */
    public static ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf buffer =
                allocator.buffer(BYTES).writeByte(Backend.NOTICE_RESPONSE).writeInt(0);
        for (String field :
                new String[] {"SNOTICE", "VNOTICE", "C00000", "Mthis server is about to hand over", "R" + ROUTINE}) {
            buffer.writeCharSequence(field, StandardCharsets.US_ASCII);
            buffer.writeByte(0);
        }
        buffer.writeByte(0);
        return buffer.setInt(1, buffer.readableBytes() - 1);
    }

    /** Whether this whole NoticeResponse is one. */
    public static boolean isToldBy(ByteBuf notice) {
        return UnresolvedCommit.field(notice, (byte) 'R')
                .toString(StandardCharsets.US_ASCII)
                .equals(ROUTINE);
    }
}
