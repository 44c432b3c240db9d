package org.pgpod.wireproxy.pool;

import java.time.Duration;

/**
 * The limits of every pool of one machine. A cap of 0 is none.
 *
 * @param size server connections of a pool
 * @param minimum how many of them are kept open once the pool has been used
 * @param reserve how many more there may be while a client has waited for {@code reserveDelay}
 * @param reserveDelay see {@code reserve}
 * @param perDatabase server connections to one database, over all pools
 * @param perUser server connections of one role, over all pools
 * @param waitTimeout how long a client waits for a server connection at most
 * @param waitNotify after which wait a client is told that it waits
 * @param idleTimeout how long a server connection above the minimum may be unused
 * @param lifetime after how long a server connection is replaced; up to a tenth earlier, so that not all end at once
 * @param retryPause how long a pool waits after a failed login before it tries again
 */
public record PoolLimits(
        int size,
        int minimum,
        int reserve,
        Duration reserveDelay,
        int perDatabase,
        int perUser,
        Duration waitTimeout,
        Duration waitNotify,
        Duration idleTimeout,
        Duration lifetime,
        Duration retryPause) {

    public PoolLimits {
        if (size < 1 || minimum < 0 || minimum > size || reserve < 0 || perDatabase < 0 || perUser < 0) {
            throw new IllegalArgumentException("a pool has a size of at least 1, a minimum of at most its size, and"
                    + " neither a reserve nor a cap below 0");
        }
    }
}
