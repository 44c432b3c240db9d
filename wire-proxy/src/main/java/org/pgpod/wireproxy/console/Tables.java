package org.pgpod.wireproxy.console;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** Shows a report under the column names, and with the column types, of PgBouncer 1.18. */
public final class Tables {
    /** What {@code SHOW VERSION} says: whose columns these are, and who speaks. */
    public static final String VERSION = "PgBouncer 1.18.0 (columns; this is wire-proxy of pgpod)";

    private static final String POOL_COLUMNS = "database user cl_active:int4 cl_waiting:int4 cl_active_cancel_req:int4"
            + " cl_waiting_cancel_req:int4 sv_active:int4 sv_active_cancel:int4 sv_being_canceled:int4 sv_idle:int4"
            + " sv_used:int4 sv_tested:int4 sv_login:int4 maxwait:int4 maxwait_us:int4 pool_mode";
    private static final String DATABASE_COLUMNS = "name host port:int4 database force_user pool_size:int4"
            + " min_pool_size:int4 reserve_pool:int4 pool_mode max_connections:int4 current_connections:int4 paused:int4"
            + " disabled:int4";
    private static final String SOCKET_COLUMNS = "type user database state addr port:int4 local_addr local_port:int4"
            + " connect_time request_time wait:int4 wait_us:int4 close_needed:int4 ptr link remote_pid:int4 tls"
            + " application_name";
    private static final String TOTAL_COLUMNS = "total_xact_count:numeric total_query_count:numeric"
            + " total_received:numeric total_sent:numeric total_xact_time:numeric total_query_time:numeric"
            + " total_wait_time:numeric";
    private static final String AVERAGE_COLUMNS = "avg_xact_count:numeric avg_query_count:numeric avg_recv:numeric"
            + " avg_sent:numeric avg_xact_time:numeric avg_query_time:numeric avg_wait_time:numeric";
    private static final String PLAIN_COLUMNS = "xact_count:numeric query_count:numeric bytes_received:numeric"
            + " bytes_sent:numeric xact_time:numeric query_time:numeric wait_time:numeric";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int MILLIS = 1_000;

    private final Setup setup;

    public Tables(Setup setup) {
        this.setup = setup;
    }

    /** The table of this subject; {@code wall} is the time of day that people are shown. */
    public Table show(Command.Subject subject, Report report, Instant wall) {
        return switch (subject) {
            case POOLS -> pools(report);
            case DATABASES -> databases(report);
            case CLIENTS -> sockets("C", report.clients(), wall);
            case SERVERS -> sockets("S", report.servers(), wall);
            case STATS ->
                statistics(
                        TOTAL_COLUMNS + " " + AVERAGE_COLUMNS,
                        report,
                        line -> concatenated(totals(line.total()), averages(line.period())));
            case STATS_TOTALS -> statistics(PLAIN_COLUMNS, report, line -> totals(line.total()));
            case STATS_AVERAGES -> statistics(PLAIN_COLUMNS, report, line -> averages(line.period()));
            case LISTS -> lists(report);
            case CONFIG -> config();
            case USERS -> users(report);
            case VERSION -> Table.of("version", List.of(List.of(VERSION)));
        };
    }

    private Table pools(Report report) {
        List<List<Object>> rows = new ArrayList<>();
        for (PoolLine line : report.pools()) {
            long wait = line.longestWaitMillis();
            rows.add(List.of(
                    line.database(),
                    line.user(),
                    line.clientsActive(),
                    line.clientsWaiting(),
                    line.cancelling(),
                    0,
                    line.serversActive(),
                    line.cancelling(),
                    line.serversAwaitingCancel(),
                    line.serversIdle(),
                    0,
                    line.serversResetting(),
                    line.serversOpening(),
                    wait / MILLIS,
                    wait % MILLIS * MILLIS,
                    setup.poolMode()));
        }
        return Table.of(POOL_COLUMNS, rows);
    }

    private Table databases(Report report) {
        List<List<Object>> rows = new ArrayList<>();
        for (DatabaseLine line : report.databases()) {
            int current = report.pools().stream()
                    .filter(pool -> pool.database().equals(line.database()))
                    .mapToInt(PoolLine::servers)
                    .sum();
            rows.add(List.of(
                    line.database(),
                    setup.host(),
                    setup.port(),
                    line.database(),
                    "",
                    setup.poolSize(),
                    setup.poolMinimum(),
                    setup.poolReserve(),
                    setup.poolMode(),
                    setup.connectionsPerDatabase(),
                    current,
                    line.paused() ? 1 : 0,
                    line.disabled() ? 1 : 0));
        }
        return Table.of(DATABASE_COLUMNS, rows);
    }

    private static Table sockets(String type, List<SocketLine> lines, Instant wall) {
        List<List<Object>> rows = new ArrayList<>();
        for (SocketLine line : lines) {
            rows.add(List.of(
                    type,
                    line.user(),
                    line.database(),
                    line.state(),
                    line.remote().address(),
                    line.remote().port(),
                    line.local().address(),
                    line.local().port(),
                    TIME.format(wall.minusMillis(line.connectedMillis())),
                    TIME.format(wall.minusMillis(line.requestedMillis())),
                    line.waitingMillis() / MILLIS,
                    line.waitingMillis() % MILLIS * MILLIS,
                    line.closeNeeded() ? 1 : 0,
                    line.number(),
                    line.link(),
                    line.remotePid(),
                    line.tls(),
                    line.applicationName()));
        }
        return Table.of(SOCKET_COLUMNS, rows);
    }

    /** The numbers of one database. */
    private interface Numbers {
        List<Object> of(DatabaseLine line);
    }

    private static Table statistics(String columns, Report report, Numbers numbers) {
        List<List<Object>> rows = new ArrayList<>();
        report.databases().forEach(line -> rows.add(concatenated(List.of(line.database()), numbers.of(line))));
        return Table.of("database " + columns, rows);
    }

    private static List<Object> concatenated(List<Object> one, List<Object> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    private static List<Object> totals(Traffic total) {
        return List.of(
                total.transactions(),
                total.queries(),
                total.received(),
                total.sent(),
                micros(total.transactionNanos()),
                micros(total.queryNanos()),
                micros(total.waitNanos()));
    }

    /** Counts and bytes for each second, times for each transaction or query. */
    private List<Object> averages(Traffic period) {
        long seconds = Math.max(1, setup.statisticsPeriod().toSeconds());
        return List.of(
                period.transactions() / seconds,
                period.queries() / seconds,
                period.received() / seconds,
                period.sent() / seconds,
                micros(period.transactionNanos()) / Math.max(1, period.transactions()),
                micros(period.queryNanos()) / Math.max(1, period.queries()),
                micros(period.waitNanos()) / Math.max(1, period.transactions()));
    }

    private static long micros(long nanos) {
        return nanos / MILLIS;
    }

    private static Table lists(Report report) {
        int clients = report.clients().size();
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of("databases", report.databases().size()));
        rows.add(List.of("users", users(report).rows().size()));
        rows.add(List.of("pools", report.pools().size()));
        rows.add(List.of("free_clients", 0));
        rows.add(List.of("used_clients", clients));
        rows.add(List.of("login_clients", 0));
        rows.add(List.of("free_servers", sum(report, PoolLine::serversIdle)));
        rows.add(List.of("used_servers", sum(report, line -> line.servers() - line.serversIdle())));
        for (String name : List.of("dns_names", "dns_zones", "dns_queries", "dns_pending")) {
            rows.add(List.of(name, 0));
        }
        return Table.of("list items:int4", rows);
    }

    private static int sum(Report report, ToIntFunction<PoolLine> number) {
        return report.pools().stream().mapToInt(number).sum();
    }

    private Table config() {
        return Table.of(
                "key value default changeable",
                setup.options().stream()
                        .<List<Object>>map(option -> List.of(option.name(), option.value(), option.preset(), "no"))
                        .toList());
    }

    private static Table users(Report report) {
        return Table.of(
                "name pool_mode",
                report.pools().stream()
                        .map(PoolLine::user)
                        .distinct()
                        .sorted()
                        .<List<Object>>map(user -> List.of(user, ""))
                        .toList());
    }
}
