package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.pgpod.wireproxy.protocol.BackendWalker;

/**
 * Keeps a notice back until its last byte is there, because only then is it known whether it takes back a commit. All
 * other bytes pass at once and uncopied, and a notice of more than {@link BackendWalker#NOTICE_BYTES_MAX} bytes does so,
 * too. Confined to the session's event loop.
 */
final class NoticeHold {
    private final BackendWalker walker;
    private ByteBuf kept = Unpooled.EMPTY_BUFFER;

    NoticeHold(BackendWalker walker) {
        this.walker = walker;
    }

    /** Writes to the client what may pass of the bytes that the walker has just walked over. */
    void pass(ByteBuf bytes, Channel client) {
        int notice = walker.noticeBytes();
        int here = Math.min(notice, bytes.readableBytes());
        if (kept.isReadable() && notice == here) {
            // What was kept is a notice like any other, now complete, or one too long to be kept.
            Wire.write(client, kept);
            kept = Unpooled.EMPTY_BUFFER;
        }
        if (here == 0) {
            Wire.write(client, bytes);
            return;
        }
        int from = bytes.writerIndex() - here;
        if (!kept.isReadable()) {
            kept = client.alloc().buffer(notice);
        }
        kept.writeBytes(bytes, from, here);
        bytes.writerIndex(from);
        if (bytes.isReadable()) {
            Wire.write(client, bytes);
        } else {
            bytes.release();
        }
    }

    /** The notice that the walker stopped behind; empty if it has passed. */
    ByteBuf kept() {
        return kept;
    }

    /** Forgets what is kept. */
    void release() {
        kept.release();
        kept = Unpooled.EMPTY_BUFFER;
    }
}
