package org.pgpod.image.bench;

import java.util.List;

/**
 * Patroni's timings, in seconds. Patroni asks that {@code loop_wait + 2 · retry_timeout ≤ ttl}; since 3.1 it also refuses
 * a ttl below 20, a loop_wait below 1 and a retry_timeout below 3, which Debian 12's version does not check yet.
 */
record PatroniSettings(String name, int ttl, int loopWait, int retryTimeout) {
    static final List<PatroniSettings> ALL =
            List.of(new PatroniSettings("default", 30, 10, 10), new PatroniSettings("tightest", 20, 1, 3));

    PatroniSettings {
        if (loopWait + 2 * retryTimeout > ttl) {
            throw new IllegalArgumentException(name + ": loop_wait + 2 * retry_timeout is more than ttl");
        }
    }
}
