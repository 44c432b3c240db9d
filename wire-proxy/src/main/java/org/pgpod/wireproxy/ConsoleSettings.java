package org.pgpod.wireproxy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.channel.Console;
import org.pgpod.wireproxy.console.Setup;
import org.pgpod.wireproxy.console.Tables;

/**
 * The options of the section {@code wireProxy} about the admin database.
 *
 * @param database its name
 * @param admins roles that may do everything there
 * @param readers roles that may look
 */
record ConsoleSettings(String database, List<String> admins, List<String> readers) {
    private static final Duration STATISTICS_PERIOD = Duration.ofMinutes(1);

    private static final Option<String> DATABASE = Options.text(
                    "adminDatabase",
                    "The name of the admin database, which shadows a database of Postgres with the same name. It is there only"
                            + " if `adminUsers` or `statsUsers` has a role.")
            .withDefault("pgbouncer");
    private static final Option<List<String>> ADMINS =
            Options.list("adminUsers", "Roles that may do everything in the admin database.");
    private static final Option<List<String>> READERS =
            Options.list("statsUsers", "Roles that may only look at what the admin database shows.");

    static final List<Option<?>> ALL = List.of(DATABASE, ADMINS, READERS);

    static ConsoleSettings from(Values values) {
        return new ConsoleSettings(values.get(DATABASE), values.get(ADMINS), values.get(READERS));
    }

    /** The admin database, empty if nobody may use it; the error says what it lacks. */
    Optional<Console> console(WireProxySettings settings, int postgresPort, Runnable reload) throws IOException {
        if (admins.isEmpty() && readers.isEmpty()) {
            return Optional.empty();
        }
        PoolSettings pool = settings.pool();
        if (pool.mode() == PoolSettings.Mode.NONE) {
            throw new IOException(
                    "wireProxy.adminUsers or wireProxy.statsUsers is set, but wireProxy.pooling is 'none';"
                            + " the admin database needs 'session' or 'transaction'");
        }
        Setup setup = new Setup(
                database,
                "unix",
                postgresPort,
                pool.size(),
                pool.minimum(),
                pool.reserve(),
                pool.perDatabase(),
                pool.mode().name().toLowerCase(Locale.ROOT),
                STATISTICS_PERIOD,
                options(settings));
        return Optional.of(new Console(database, Set.copyOf(admins), Set.copyOf(readers), new Tables(setup), reload));
    }

    /** What of our options PgBouncer has too, by its names and in its units. */
    private List<Setup.Shown> options(WireProxySettings settings) {
        PoolSettings pool = settings.pool();
        List<Setup.Shown> shown = new ArrayList<>();
        shown.add(new Setup.Shown("admin_users", String.join(",", admins), ""));
        shown.add(new Setup.Shown("auth_type", "scram-sha-256", "md5"));
        shown.add(number("client_login_timeout", settings.loginTimeout(), 60));
        shown.add(number("default_pool_size", pool.size(), 20));
        shown.add(new Setup.Shown("listen_addr", settings.address(), ""));
        shown.add(number("listen_port", settings.port(), 6432));
        shown.add(number("max_client_conn", settings.clientConnectionsMax(), 100));
        shown.add(number("max_db_client_connections", pool.clientsPerDatabase(), 0));
        shown.add(number("max_db_connections", pool.perDatabase(), 0));
        shown.add(number("max_prepared_statements", pool.statements(), 0));
        shown.add(number("max_user_client_connections", pool.clientsPerUser(), 0));
        shown.add(number("max_user_connections", pool.perUser(), 0));
        shown.add(number("min_pool_size", pool.minimum(), 0));
        shown.add(new Setup.Shown("pool_mode", pool.mode().name().toLowerCase(Locale.ROOT), "session"));
        shown.add(number("query_wait_timeout", pool.queryWaitTimeout(), 120));
        shown.add(number("reserve_pool_size", pool.reserve(), 0));
        shown.add(number("reserve_pool_timeout", pool.reserveDelay(), 5));
        shown.add(number("server_idle_timeout", pool.idleTimeout(), 600));
        shown.add(number("server_lifetime", pool.lifetime(), 3600));
        shown.add(new Setup.Shown("server_reset_query", "DISCARD ALL", "DISCARD ALL"));
        shown.add(number("stats_period", STATISTICS_PERIOD, 60));
        shown.add(new Setup.Shown("stats_users", String.join(",", readers), ""));
        return shown;
    }

    private static Setup.Shown number(String name, long value, long preset) {
        return new Setup.Shown(name, Long.toString(value), Long.toString(preset));
    }

    private static Setup.Shown number(String name, Duration value, long preset) {
        return number(name, value.toSeconds(), preset);
    }
}
