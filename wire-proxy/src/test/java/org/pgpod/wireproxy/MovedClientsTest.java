package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgpod.wireproxy.testing.PoolFixture.execute;
import static org.pgpod.wireproxy.testing.PoolFixture.value;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.VerifierSource;

/**
 * Pooled clients that have nothing open outlive the term of their primary and go on with the next one, in whichever pod.
 * As on a real standby, both servers hold the same verifier.
 */
class MovedClientsTest {
    private static final int WRITERS = 6;

    private static PoolFixture first;
    private static Pod here;
    private static Pod there;
    private static long epoch;

    private record Pod(PostgresServer postgres, ProxyFixture proxy, String address) {
        String leader() {
            return address + ":5432";
        }
    }

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> options = Map.of("poolSize", "3", "primaryWaitTimeout", "20s");
        first = PoolFixture.start(PostgresServer.with(Map.of("cluster_name", "here")), "transaction", options);
        PostgresServer other = PostgresServer.with(Map.of("cluster_name", "there"));
        VerifierSource.prepare(other);
        try (Connection connection = first.postgres().connect()) {
            String verifier = value(connection, "select rolpassword from pg_authid where rolname = 'app'");
            other.execute("create role app superuser login password '" + verifier + "'");
        }
        Map<String, String> pooled = Map.of(
                "clientTls", "allowed",
                "clientAuthentication", "scram",
                "eventLoops", "1",
                "pooling", "transaction",
                "poolSize", "3");
        ProxyFixture otherProxy = ProxyFixture.startBeside(first.proxy(), other, "127.0.0.2", pooled);
        here = new Pod(first.postgres(), first.proxy(), "127.0.0.1");
        there = new Pod(other, otherProxy, "127.0.0.2");
        for (Pod pod : List.of(here, there)) {
            pod.postgres().execute("create table written (writer int, n int, primary key (writer, n))");
        }
    }

    @BeforeEach
    void thePrimaryIsHere() throws IOException {
        epoch++;
        there.proxy().awaitAnswer(there.proxy().token().standbyOf(here.leader()));
        here.proxy().awaitAnswer(here.proxy().token().primary(epoch, Phase.OPEN, 55_000));
    }

    @AfterAll
    static void stop() {
        there.proxy().close();
        there.postgres().close();
        first.close();
    }

    private static String cluster(Connection connection) throws SQLException {
        return value(connection, "show cluster_name");
    }

    /** What ha-agent does in a planned switchover, as far as proxies see it. */
    private void switchOver(Pod from, Pod to) throws IOException {
        long hold = from.proxy().token().hold(epoch, 20_000);
        Await.until("nothing is in flight", () -> {
            var answer = from.proxy().answer().orElseThrow();
            return answer.sequence() == hold && answer.inFlight() == 0;
        });
        from.proxy().awaitAnswer(from.proxy().token().handedOver(Role.NONE, 20_000));
        epoch++;
        to.proxy().awaitAnswer(to.proxy().token().primary(epoch, Phase.OPEN, 55_000));
        from.proxy().token().standbyOf(to.leader());
    }

    /** Writes without a pause until told to end. */
    private static final class Writer {
        final AtomicBoolean ending = new AtomicBoolean();
        final AtomicLong committed = new AtomicLong();
        final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
        final Thread thread;

        Writer(Connection connection, int number) {
            thread = Thread.startVirtualThread(() -> {
                try (connection;
                        PreparedStatement insert = connection.prepareStatement("insert into written values (?, ?)")) {
                    connection.setAutoCommit(number % 2 == 0);
                    for (int n = 0; !ending.get(); n++) {
                        insert.setInt(1, number);
                        insert.setInt(2, n);
                        insert.executeUpdate();
                        if (!connection.getAutoCommit()) {
                            connection.commit();
                        }
                        committed.incrementAndGet();
                    }
                } catch (SQLException failed) {
                    errors.add(failed.getSQLState() + " " + failed.getMessage());
                }
            });
        }

        void awaitProgress() {
            long before = committed.get();
            Await.until("a writer goes on", () -> committed.get() > before + 5 || !errors.isEmpty());
        }

        void end() throws InterruptedException {
            ending.set(true);
            thread.join(TimeUnit.SECONDS.toMillis(30));
        }
    }

    private static long rows(Pod pod) throws SQLException {
        try (Connection connection = pod.postgres().connect()) {
            return Long.parseLong(value(connection, "select count(*) from written"));
        }
    }

    @Test
    void plannedSwitchoversFailNoTransactionOfPooledWriters() throws Exception {
        Pod from = here;
        Pod to = there;
        List<Writer> all = new ArrayList<>();
        for (int move = 0; move < 3; move++) {
            long before = rows(to);
            List<Writer> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                // prepareThreshold 1: statements are prepared by name, and found at the other primary.
                Connection connection = from.proxy().connectPooled(from.address(), Map.of("prepareThreshold", "1"));
                writers.add(new Writer(connection, move * WRITERS + i));
            }
            writers.forEach(Writer::awaitProgress);
            switchOver(from, to);
            writers.forEach(Writer::awaitProgress);
            for (Writer writer : writers) {
                writer.end();
                assertThat(writer.errors).isEmpty();
            }
            assertThat(rows(to)).isGreaterThan(before + WRITERS);
            assertThat(from.proxy().metric("pgpod_proxy_sessions_moved_total")).isGreaterThanOrEqualTo(WRITERS);
            all.addAll(writers);
            Pod last = from;
            from = to;
            to = last;
        }
        long committed =
                all.stream().mapToLong(writer -> writer.committed.get()).sum();
        assertThat(rows(here) + rows(there)).isEqualTo(committed);
    }

    @Test
    void aClientAtRestOutlivesALeaseThatEndedUnplanned() throws Exception {
        try (Connection resting = first.connect();
                Connection inside = first.connect()) {
            execute(resting, "set timezone = 'Asia/Tokyo'");
            assertThat(cluster(resting)).isEqualTo("here");
            inside.setAutoCommit(false);
            assertThat(cluster(inside)).isEqualTo("here");
            here.proxy().awaitAnswer(here.proxy().token().none());
            assertThatThrownBy(() -> cluster(inside)).isInstanceOf(SQLException.class);
            CompletableFuture<String> asked = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return cluster(resting);
                        } catch (SQLException failed) {
                            return String.valueOf(failed.getMessage());
                        }
                    },
                    Thread::startVirtualThread);
            there.proxy().awaitAnswer(there.proxy().token().primary(++epoch, Phase.OPEN, 55_000));
            assertThat(asked).isNotDone();
            here.proxy().token().standbyOf(there.leader());
            assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo("there");
            assertThat(value(resting, "show timezone")).isEqualTo("Asia/Tokyo");
        }
    }

    @Test
    void aClientThatKeepsItsConnectionEndsWithTheTerm() throws Exception {
        try (RawClient pinned = first.raw();
                RawClient resting = first.raw()) {
            pinned.send(RawClient.query("create temp table own (n int)"));
            pinned.readUntil('Z');
            switchOver(here, there);
            assertThat(pinned.readToEnd()).isEmpty();
            resting.send(RawClient.query("show cluster_name"));
            assertThat(resting.readUntil('Z').get(1).body()).endsWith("there");
        }
    }

    @Test
    void whoFindsNoPrimaryIsToldInTime() throws Exception {
        try (PoolFixture alone = PoolFixture.start("transaction", Map.of("primaryWaitTimeout", "1s"));
                RawClient asking = alone.raw()) {
            ProxyFixture proxy = alone.proxy();
            proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 55_000));
            proxy.awaitAnswer(proxy.token().none());
            asking.send(RawClient.query("select 1"));
            RawClient.Message told = asking.readLastError().orElseThrow();
            assertThat(told.field('C')).isEqualTo("57P01");
            assertThat(told.field('D')).contains("no other primary was found in time");
        }
    }

    @Test
    void aCancelRequestFollowsTheClient() throws Exception {
        try (Connection moved = first.connect()) {
            assertThat(cluster(moved)).isEqualTo("here");
            switchOver(here, there);
            assertThat(cluster(moved)).isEqualTo("there");
            try (var statement = moved.createStatement()) {
                CompletableFuture<String> work = CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return String.valueOf(statement.execute("select pg_sleep(60)"));
                            } catch (SQLException failed) {
                                return String.valueOf(failed.getSQLState());
                            }
                        },
                        Thread::startVirtualThread);
                Await.until("it sleeps", () -> {
                    try (Connection direct = there.postgres().connect()) {
                        return value(direct, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")
                                .equals("1");
                    }
                });
                statement.cancel();
                assertThat(work.get(30, TimeUnit.SECONDS)).isEqualTo("57014");
            }
        }
    }
}
