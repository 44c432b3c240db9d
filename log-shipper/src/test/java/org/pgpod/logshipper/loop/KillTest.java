package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/**
 * The log-shipper in a process of its own, killed at random points while a real server logs under load and rotates its files
 * each second, each record in two of them: afterwards the store holds what the files hold, nothing twice.
 */
class KillTest {
    private static final int KILLS = 22;
    private static final int MANY_KILLS = 200;
    private static final String PREFIX = "%m [%p] <%c> %l ";
    private static final int CLIENTS = 2;
    private static final long STATEMENT_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final long seed = System.nanoTime();
    private final AtomicBoolean running = new AtomicBoolean(true);

    @Test
    void killedShipperLosesAndRepeatsNothing() throws Exception {
        loseAndRepeatNothing(KILLS);
    }

    /** As many kills as {@code ./pgpod test --kills N} asks for. */
    @Test
    @Tag("long")
    void shipperKilledManyTimesLosesAndRepeatsNothing() throws Exception {
        loseAndRepeatNothing(Integer.getInteger("pgpod.kills", MANY_KILLS));
    }

    private void loseAndRepeatNothing(int kills) throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink);
                PostgresServer source = source(pod)) {
            List<Thread> load = startLoad(source);
            Path configuration =
                    pod.configuration(PostgresServer.freePort(), Map.of("logLinePrefix", "'" + PREFIX + "'"));
            Random random = new Random(seed);
            for (int kill = 0; kill < kills; kill++) {
                killOnce(pod, configuration, random, kill);
            }
            running.set(false);
            for (Thread thread : load) {
                thread.join();
            }
            Process last = ShipperProcess.start(configuration);
            try {
                assertEverythingStored(pod, kills);
            } finally {
                kill(last);
            }
        }
    }

    private static PostgresServer source(Pod pod) {
        return PostgresServer.with(Map.of(
                "logging_collector", "on",
                "log_destination", "jsonlog,stderr",
                "log_line_prefix", PREFIX,
                "log_directory", pod.postgresLogs().toString(),
                "log_filename", "postgresql-%Y-%m-%d_%H%M%S.log",
                "log_file_mode", "0640",
                "log_timezone", "UTC",
                "log_statement", "all",
                "log_rotation_size", "1MB"));
    }

    private List<Thread> startLoad(PostgresServer source) {
        List<Thread> threads = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            int number = client;
            threads.add(Thread.ofPlatform().start(() -> runStatements(source, new Random(seed + number))));
        }
        threads.add(Thread.ofPlatform().start(() -> {
            while (running.get()) {
                source.execute("SELECT pg_rotate_logfile()");
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
        }));
        return threads;
    }

    private void runStatements(PostgresServer source, Random random) {
        while (running.get()) {
            // A new session now and then, so that there are many session ids.
            try (Connection connection = source.connect();
                    Statement statement = connection.createStatement()) {
                for (int i = 0; i < 1_000 && running.get(); i++) {
                    statement.execute("SELECT '" + "é漢😀\n\"\\".repeat(random.nextInt(40)) + i + "'");
                    LockSupport.parkNanos(STATEMENT_PAUSE_NANOS);
                    if (random.nextInt(50) == 0) {
                        fail(statement);
                    }
                }
            } catch (SQLException failed) {
                throw new IllegalStateException(failed);
            }
        }
    }

    private static void fail(Statement statement) {
        try {
            statement.execute("SELECT 1 / 0");
        } catch (SQLException expected) {
            assertThat(expected.getSQLState()).isEqualTo("22012");
        }
    }

    /** Lets a shipper live for a while, mostly until some time after it began to store. */
    private void killOnce(Pod pod, Path configuration, Random random, int kill) throws Exception {
        long epoch = kill == 0 ? 0 : epoch(pod);
        Process shipper = ShipperProcess.start(configuration);
        try {
            if (random.nextInt(6) == 0) {
                pause(Duration.ofMillis(random.nextInt(1_500)));
            } else {
                Await.until("kill " + kill + ": the shipper has begun", () -> epoch(pod) > epoch);
                pause(Duration.ofMillis(random.nextInt(500)));
            }
        } finally {
            kill(shipper);
        }
    }

    private static long epoch(Pod pod) throws SQLException {
        return pod.number("SELECT CASE WHEN to_regclass('pgpod_logs.source') IS NULL THEN 0 ELSE"
                + " (xpath('/row/m/text()', query_to_xml('SELECT coalesce(max(epoch), 0) AS m FROM pgpod_logs.source',"
                + " false, true, '')))[1]::text::bigint END");
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    private void assertEverythingStored(Pod pod, int kills) throws Exception {
        List<String> inFiles = pod.recordsInFiles();
        assertThat(inFiles).hasSizeGreaterThan(10_000).doesNotHaveDuplicates();
        Await.until(
                "all records are in the store",
                () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_log") >= inFiles.size());
        List<String> inStore = pod.recordsInStore();
        Set<String> lost = new HashSet<>(inFiles);
        lost.removeAll(new HashSet<>(inStore));
        assertThat(lost).as("lost, seed %d", seed).isEmpty();
        assertThat(inStore).as("seed %d", seed).hasSameSizeAs(inFiles);
        assertThat(pod.texts("SELECT line FROM pgpod_logs.postgres_stderr")).isEmpty();
        assertThat(pod.texts("SELECT reason FROM pgpod_logs.dead_letter")).isEmpty();
        assertThat(pod.number("SELECT epoch FROM pgpod_logs.source")).isGreaterThan(kills / 2);
        System.out.println("kills " + kills + ", records " + inFiles.size() + ", files "
                + pod.number("SELECT count(*) FROM pgpod_logs.file"));
    }
}
