package org.pgpod.wireproxy.pool;

/**
 * One pool at this moment.
 *
 * @param waiting clients that wait for a server connection
 * @param longestWaitMillis how long the first of them has waited
 * @param opening server connections that log in
 * @param idle those that may be used
 * @param active those that serve a client
 * @param resetting those that are brought back to the state after login
 */
public record PoolCounts(
        PoolKey key, int waiting, long longestWaitMillis, int opening, int idle, int active, int resetting) {}
