package org.pgpod.wireproxy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.channel.CancelKeys;
import org.pgpod.wireproxy.channel.ClientCaps;
import org.pgpod.wireproxy.channel.PoolMode;
import org.pgpod.wireproxy.channel.Pooling;
import org.pgpod.wireproxy.pool.PoolLimits;

/** The options of the section {@code wireProxy} by which clients share server connections. */
record PoolSettings(
        Mode mode,
        int size,
        int minimum,
        int reserve,
        Duration reserveDelay,
        int perDatabase,
        int perUser,
        int clientsPerDatabase,
        int clientsPerUser,
        Duration queryWaitTimeout,
        Duration queryWaitNotify,
        Duration idleTimeout,
        Duration lifetime,
        int statements,
        Duration primaryWait) {

    /** Whether and for how long a client keeps a server connection. */
    enum Mode {
        NONE,
        SESSION,
        TRANSACTION
    }

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);

    private static final Option<Mode> MODE = Options.choice(
                    "pooling",
                    Mode.class,
                    "Whether clients share server connections: each has its own (`none`), keeps one until it leaves"
                            + " (`session`) or until its transaction ends (`transaction`). Needs `clientAuthentication: scram`.")
            .withDefault("none");
    private static final Option<Integer> SIZE = Options.number(
                    "poolSize",
                    1,
                    10_000,
                    "Server connections of one pool: of one database, role and set of startup parameters. This and the"
                            + " following numbers are divided among the event loops, rounded up.")
            .withDefault("20");
    private static final Option<Integer> MINIMUM = Options.number(
                    "poolMinimum", 0, 10_000, "How many of them are kept open once the pool has been used.")
            .withDefault("0");
    private static final Option<Integer> RESERVE = Options.number(
                    "poolReserve",
                    0,
                    10_000,
                    "How many more there may be for clients that wait for `poolReserveDelay`.")
            .withDefault("0");
    private static final Option<Duration> RESERVE_DELAY = Options.duration(
                    "poolReserveDelay", Duration.ofMillis(100), DAY, "After which wait the reserve is used.")
            .withDefault("5s");
    private static final Option<Integer> PER_DATABASE = Options.number(
                    "poolConnectionsPerDatabase",
                    0,
                    100_000,
                    "Server connections to one database at most; 0 for any number.")
            .withDefault("0");
    private static final Option<Integer> PER_USER = Options.number(
                    "poolConnectionsPerUser", 0, 100_000, "Server connections of one role at most; 0 for any number.")
            .withDefault("0");
    private static final Option<Integer> CLIENTS_PER_DATABASE = Options.number(
                    "poolClientsPerDatabase",
                    0,
                    100_000,
                    "Clients of one database that share server connections at most, not divided; 0 for any number.")
            .withDefault("0");
    private static final Option<Integer> CLIENTS_PER_USER = Options.number(
                    "poolClientsPerUser", 0, 100_000, "The same for the clients of one role.")
            .withDefault("0");
    private static final Option<Duration> QUERY_WAIT_TIMEOUT = Options.duration(
                    "queryWaitTimeout",
                    Duration.ofMillis(100),
                    DAY,
                    "How long a client waits for a server connection before it is refused.")
            .withDefault("120s");
    private static final Option<Duration> QUERY_WAIT_NOTIFY = Options.duration(
                    "queryWaitNotify", Duration.ofMillis(100), DAY, "After which wait it gets a notice.")
            .withDefault("5s");
    private static final Option<Duration> IDLE_TIMEOUT = Options.duration(
                    "serverIdleTimeout",
                    Duration.ofSeconds(1),
                    DAY,
                    "After which time without use a server connection above the minimum is closed.")
            .withDefault("10min");
    private static final Option<Duration> LIFETIME = Options.duration(
                    "serverLifetime",
                    Duration.ofSeconds(1),
                    DAY,
                    "After which time a server connection is replaced; up to a tenth earlier, so that not all end at once.")
            .withDefault("1h");
    private static final Option<Integer> STATEMENTS = Options.number(
                    "preparedStatementsPerServer",
                    10,
                    100_000,
                    "Named statements that stay prepared at a server connection in transaction mode.")
            .withDefault("200");

    private static final Option<Duration> PRIMARY_WAIT = Options.duration(
                    "primaryWaitTimeout",
                    Duration.ZERO,
                    Duration.ofMinutes(10),
                    "How long a pooled client without an open transaction waits for a new primary, wherever that is, when the"
                            + " lease of this one has ended; 0s ends it with the lease.")
            .withDefault("30s");

    static final List<Option<?>> ALL = List.of(
            MODE,
            SIZE,
            MINIMUM,
            RESERVE,
            RESERVE_DELAY,
            PER_DATABASE,
            PER_USER,
            CLIENTS_PER_DATABASE,
            CLIENTS_PER_USER,
            QUERY_WAIT_TIMEOUT,
            QUERY_WAIT_NOTIFY,
            IDLE_TIMEOUT,
            LIFETIME,
            STATEMENTS,
            PRIMARY_WAIT);

    static PoolSettings from(Values values) {
        return new PoolSettings(
                values.get(MODE),
                values.get(SIZE),
                values.get(MINIMUM),
                values.get(RESERVE),
                values.get(RESERVE_DELAY),
                values.get(PER_DATABASE),
                values.get(PER_USER),
                values.get(CLIENTS_PER_DATABASE),
                values.get(CLIENTS_PER_USER),
                values.get(QUERY_WAIT_TIMEOUT),
                values.get(QUERY_WAIT_NOTIFY),
                values.get(IDLE_TIMEOUT),
                values.get(LIFETIME),
                values.get(STATEMENTS),
                values.get(PRIMARY_WAIT));
    }

    /** How server connections are shared, empty if they are not; the error says what does not fit. */
    Optional<Pooling> pooling(WireProxySettings.ClientAuthentication authentication, int loops, Duration loginLimit)
            throws IOException {
        if (mode == Mode.NONE) {
            return Optional.empty();
        }
        String named = "wireProxy.pooling is '" + mode.name().toLowerCase(java.util.Locale.ROOT) + "'";
        if (authentication != WireProxySettings.ClientAuthentication.SCRAM) {
            throw new IOException(named + " and needs wireProxy.clientAuthentication 'scram', because with '"
                    + authentication.name().toLowerCase(java.util.Locale.ROOT)
                    + "' only Postgres knows who a client is");
        }
        if (minimum > size) {
            throw new IOException(
                    "wireProxy.poolMinimum is " + minimum + "; at most poolSize, which is " + size + ", is allowed");
        }
        PoolLimits limits = new PoolLimits(
                share(size, loops),
                share(minimum, loops),
                share(reserve, loops),
                reserveDelay,
                share(perDatabase, loops),
                share(perUser, loops),
                queryWaitTimeout,
                queryWaitNotify,
                idleTimeout,
                lifetime,
                RETRY_PAUSE);
        PoolMode poolMode = mode == Mode.SESSION ? PoolMode.SESSION : PoolMode.TRANSACTION;
        return Optional.of(new Pooling(
                poolMode,
                limits,
                loginLimit,
                statements,
                new CancelKeys(),
                new ClientCaps(clientsPerDatabase, clientsPerUser),
                primaryWait));
    }

    private static int share(int all, int loops) {
        return Math.ceilDiv(all, loops);
    }
}
