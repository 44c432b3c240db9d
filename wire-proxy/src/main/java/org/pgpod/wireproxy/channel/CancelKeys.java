package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys that the proxy gives to pooled clients, so that a cancel request finds the client's session and, by it, the
 * server connection that works for the client at that moment. Their process ids are negative, as those of Postgres never
 * are. Serves all event loops.
 */
public final class CancelKeys {
    /** Length, code, process id, secret: a CancelRequest before protocol 3.2. */
    private static final int REQUEST_BYTES = 16;

    private static final int KEY_OFFSET = 8;

    private final Map<Long, PooledSession> sessions = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** A new key for this session: process id in the upper half, secret in the lower. */
    long issue(PooledSession session) {
        long key = random.nextLong() | Long.MIN_VALUE;
        while (sessions.putIfAbsent(key, session) != null) {
            key = random.nextLong() | Long.MIN_VALUE;
        }
        return key;
    }

    void withdraw(long key) {
        sessions.remove(key);
    }

    /** Whether a session of this proxy may have been given such a key. */
    static boolean mayBeOurs(ByteBuf request) {
        return request.readableBytes() == REQUEST_BYTES && request.getLong(request.readerIndex() + KEY_OFFSET) < 0;
    }

    /** The session that the request is for. */
    Optional<PooledSession> find(ByteBuf request) {
        return Optional.ofNullable(sessions.get(request.getLong(request.readerIndex() + KEY_OFFSET)));
    }
}
