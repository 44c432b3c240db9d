package org.pgpod.wireproxy.channel;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Bounds how many connections a second one source may open, with one second's worth at once. A source is an IPv4 address
 * or, because a single host may have that many, an IPv6 network of 64 bits. Of {@link #SOURCES_MAX} at a time each has
 * its own share; more share one.
 */
public final class SourceRate {
    /** Sources that are told apart at a time. */
    static final int SOURCES_MAX = 10_000;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long REST = Long.MIN_VALUE;

    private final int perSecondMax;
    /** When each source's share is whole again. Guarded by this. */
    private final Map<Long, Long> wholeAtNanos = new HashMap<>();

    public SourceRate(int perSecondMax) {
        this.perSecondMax = perSecondMax;
    }

    /** The limit, none for zero. */
    public static Optional<SourceRate> of(int perSecondMax) {
        return perSecondMax == 0 ? Optional.empty() : Optional.of(new SourceRate(perSecondMax));
    }

    /** Whether this source may open one more connection now, which is counted then. */
    synchronized boolean admits(InetAddress source, long nowNanos) {
        long key = key(source);
        if (!wholeAtNanos.containsKey(key) && wholeAtNanos.size() >= SOURCES_MAX) {
            wholeAtNanos.values().removeIf(whole -> whole - nowNanos <= 0);
            if (wholeAtNanos.size() >= SOURCES_MAX) {
                key = REST;
            }
        }
        long costs = NANOS_PER_SECOND / perSecondMax;
        Long known = wholeAtNanos.get(key);
        long whole = (known == null || known - nowNanos < 0 ? nowNanos : known) + costs;
        if (whole - nowNanos > NANOS_PER_SECOND) {
            return false;
        }
        wholeAtNanos.put(key, whole);
        return true;
    }

    synchronized int sources() {
        return wholeAtNanos.size();
    }

    private static long key(InetAddress source) {
        byte[] bytes = source.getAddress();
        return bytes.length == Integer.BYTES
                ? ByteBuffer.wrap(bytes).getInt() & 0xffff_ffffL
                : ByteBuffer.wrap(bytes).getLong();
    }
}
