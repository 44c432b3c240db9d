package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.logshipper.model.PostgresEvent;

/** Every event is seen on a real server and known by the shipper, which counts it; the views of the store show what happened. */
class EventsTest {
    private static final Pattern EVENTS = Pattern.compile("pgpod_log_events_total\\{event=\"(\\w+)\".*} ([0-9.E]+)");
    private static final Pattern OMITTED =
            Pattern.compile("pgpod_log_omitted_records_total\\{event=\"(\\w+)\".*} ([0-9.E]+)");
    private static final String ONE_PER_SECOND = "connection_received";
    private static final String A_THIRD = "statement";

    @Test
    void everyEventOfARealServerIsKnownCountedAndShown() throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink)) {
            int port = PostgresServer.freePort();
            try (LoggingServer source = new LoggingServer(pod.postgresLogs());
                    ServerEvents servers = new ServerEvents(source)) {
                new StatementEvents(source).provoke();
                new SessionEvents(source).provoke();
                servers.provoke();
            }
            pod.start(port, Map.of("eventLimits", "[" + ONE_PER_SECOND + "=1/s, " + A_THIRD + "=33%]"));
            int records = pod.recordsInFiles().size();
            Await.until("all records", () -> sum(EVENTS, Pod.get(port, "/metrics"), "") == records);
            assertThat(eventsIn(pod)).isEqualTo(allEvents());
            assertCounted(pod, Pod.get(port, "/metrics"));
            assertViewsShowWhatHappened(pod, sink);
        }
    }

    private static Set<String> allEvents() {
        return PostgresEvent.all().stream().map(PostgresEvent::label).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> eventsIn(Pod pod) throws SQLException {
        return new TreeSet<>(pod.texts("SELECT DISTINCT event FROM pgpod_logs.postgres_log WHERE event IS NOT NULL"));
    }

    private static long sum(Pattern series, String metrics, String event) {
        long sum = 0;
        Matcher matcher = series.matcher(metrics);
        while (matcher.find()) {
            sum += event.isEmpty() || matcher.group(1).equals(event) ? (long) Double.parseDouble(matcher.group(2)) : 0;
        }
        return sum;
    }

    private static void assertCounted(Pod pod, String metrics) throws SQLException {
        for (String event : allEvents()) {
            long stored = pod.number("SELECT count(*) FROM pgpod_logs.postgres_log WHERE event = '" + event + "'");
            assertThat(stored + sum(OMITTED, metrics, event)).as(event).isEqualTo(sum(EVENTS, metrics, event));
        }
        assertThat(sum(OMITTED, metrics, ""))
                .isEqualTo(sum(OMITTED, metrics, ONE_PER_SECOND) + sum(OMITTED, metrics, A_THIRD));
        assertThat(pod.number("SELECT max(n) FROM (SELECT count(*) AS n FROM pgpod_logs.postgres_log WHERE event = '"
                        + ONE_PER_SECOND + "' GROUP BY date_trunc('second', log_time)) s"))
                .isEqualTo(1);
        long statements = sum(EVENTS, metrics, A_THIRD);
        assertThat(sum(OMITTED, metrics, A_THIRD)).isBetween(statements / 3, statements - 1);
        assertThat(metrics)
                .contains("pgpod_log_events_total{event=\"deadlock\",severity=\"error\",sink=\"postgres\"} 1.0")
                .contains("pgpod_log_sqlstates_total{class=\"23\",sink=\"postgres\"} 5.0");
    }

    private static void assertViewsShowWhatHappened(Pod pod, PostgresServer sink) throws SQLException {
        assertThat(pod.texts("SELECT records || ' ' || event || ' ' || last_message FROM pgpod_logs.errors_by_state"
                        + " WHERE state_code = '23505'"))
                .containsExactly("1 unique_violation duplicate key value violates unique constraint \"t_pkey\"");
        assertThat(pod.texts(
                        "SELECT calls > 0 AND max_ms >= mean_ms AND total_ms >= max_ms FROM pgpod_logs.slow_statements"
                                + " WHERE statement LIKE 'select count(*) from (select repeat(?, ...%'"))
                .containsOnly("t")
                .isNotEmpty();
        assertThat(
                        pod.texts(
                                "SELECT DISTINCT event || ' ' || lock_mode || ' ' || (waited_ms >= 50) || ' ' ||"
                                        + " (lock_target LIKE 'transaction %') || ' ' || (event <> 'lock_wait' OR holder_pids IS NOT NULL)"
                                        + " FROM pgpod_logs.lock_waits WHERE event <> 'lock_timeout' AND lock_mode = 'ShareLock' ORDER BY 1"))
                .contains("lock_acquired ShareLock true true true", "lock_wait ShareLock true true true");
        assertThat(pod.texts("SELECT detail FROM pgpod_logs.deadlocks").getFirst())
                .containsPattern("Process \\d+: update t set b = \\? where a = \\?");
        assertThat(pod.number("SELECT count(*) FROM pgpod_logs.checkpoints WHERE buffers_written IS NOT NULL"
                        + " AND total_seconds >= write_seconds AND wal_files_added + wal_files_removed >= 0"
                        + " AND wal_files_recycled >= 0 AND distance_kb >= 0"))
                .isPositive();
        assertThat(pod.texts("SELECT DISTINCT table_name FROM pgpod_logs.autovacuum_runs"
                        + " WHERE event = 'autovacuum' AND tuples_removed = 1000 AND elapsed_seconds >= 0"))
                .containsExactly("postgres.public.churn");
        assertThat(pod.number("SELECT max(size_bytes) FROM pgpod_logs.temporary_files WHERE fingerprint IS NOT NULL"))
                .isGreaterThan(100_000);
        assertThat(pod.number("SELECT count(*) FROM pgpod_logs.connections WHERE session_time > interval '1 ms'"))
                .isGreaterThan(10);
        assertThat(
                        pod.number(
                                "SELECT count(*) FROM pgpod_logs.postgres_log WHERE event = 'plan'"
                                        + " AND plan #>> '{Plan,Node Type}' IS NOT NULL AND duration_micros > 0 AND fingerprint IS NOT NULL"))
                .isPositive();
        sink.execute(
                "INSERT INTO pgpod_logs.sidecar_log (log_time, cluster, namespace, pod, source_id, sidecar, level, message)"
                        + " SELECT promoted_at, cluster, namespace, 'p-1', gen_random_uuid(), 'ha-agent', 'INFO', 'decide'"
                        + " FROM pgpod_logs.failovers WHERE timeline = 2");
        assertThat(pod.texts("SELECT DISTINCT origin FROM pgpod_logs.failover_log WHERE message = 'decide'"
                        + " OR message LIKE 'selected new timeline ID: 2' ORDER BY 1"))
                .containsExactly("ha-agent", "postgres");
        assertIndexOfEventsIsUsed(sink);
    }

    private static void assertIndexOfEventsIsUsed(PostgresServer sink) throws SQLException {
        try (Connection connection = sink.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            try (ResultSet plan = statement.executeQuery("EXPLAIN (FORMAT json) SELECT * FROM pgpod_logs.lock_waits")) {
                plan.next();
                assertThat(plan.getString(1)).contains("event_log_time_idx");
            }
        }
    }
}
