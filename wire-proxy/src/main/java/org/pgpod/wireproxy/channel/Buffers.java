package org.pgpod.wireproxy.channel;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;

/**
 * How much one connection may hold in memory: what one turn of the loop reads, and what waits to be written. TLS hides
 * what a turn has read from the latter until the turn ends, so that the two add up: 192 KiB in each direction.
 */
final class Buffers {
    private static final int READ_BYTES_MIN = 512;
    private static final int READ_BYTES_FIRST = 2_048;
    private static final int READ_BYTES_MAX = 65_536;
    private static final int READS_PER_TURN_MAX = 2;
    private static final int WAITING_BYTES_LOW = 32_768;
    private static final int WAITING_BYTES_HIGH = 65_536;

    private Buffers() {}

    static RecvByteBufAllocator reading() {
        return new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX)
                .maxMessagesPerRead(READS_PER_TURN_MAX);
    }

    static WriteBufferWaterMark waiting() {
        return new WriteBufferWaterMark(WAITING_BYTES_LOW, WAITING_BYTES_HIGH);
    }
}
