package org.pgpod.wireproxy.console;

import java.time.Duration;
import java.util.List;

/**
 * What does not change while the proxy runs.
 *
 * @param adminDatabase the name of the admin database
 * @param host where Postgres is found
 * @param port its port
 * @param poolSize server connections of a pool, over all event loops
 * @param poolMinimum how many of them are kept open
 * @param poolReserve how many more there may be
 * @param connectionsPerDatabase the cap over all pools of a database; 0 for none
 * @param poolMode in PgBouncer's words
 * @param statisticsPeriod for which averages are taken
 * @param options what {@code SHOW CONFIG} shows
 */
public record Setup(
        String adminDatabase,
        String host,
        int port,
        int poolSize,
        int poolMinimum,
        int poolReserve,
        int connectionsPerDatabase,
        String poolMode,
        Duration statisticsPeriod,
        List<Shown> options) {
    /** One option, under the name that PgBouncer has for it. */
    public record Shown(String name, String value, String preset) {}

    public Setup {
        options = List.copyOf(options);
    }
}
