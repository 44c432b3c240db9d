package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/**
 * Log-shippers in processes of their own, killed at random points while real servers log under load and rotate their files
 * each second, each record in two of them: afterwards the store holds what the files hold, nothing twice. Several pods with a
 * server and a shipper each share one store, so that a machine is never idle while a shipper starts.
 */
class KillTest {
    private static final int KILLS = 60;
    private static final int MANY_KILLS = 200;
    private static final int PODS = 3;
    private static final String PREFIX = "%m [%p] <%c> %l ";
    private static final long STATEMENT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int BEFORE_OPENING_MILLIS = 600;
    private static final int AFTER_OPENING_MILLIS = 150;

    private final long seed = System.nanoTime();
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicInteger killed = new AtomicInteger();

    @Test
    void killedShippersLoseAndRepeatNothing() throws Exception {
        loseAndRepeatNothing(KILLS);
    }

    /** As many kills as {@code ./pgpod test --kills N} asks for. */
    @Test
    @Tag("long")
    void shippersKilledManyTimesLoseAndRepeatNothing() throws Exception {
        loseAndRepeatNothing(Integer.getInteger("pgpod.kills", MANY_KILLS));
    }

    private void loseAndRepeatNothing(int kills) throws Exception {
        Path directory = Unprivileged.directory("kills");
        List<Lane> lanes = new ArrayList<>();
        try (PostgresServer sink = PostgresServer.start();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            try {
                QuickStart start = new QuickStart(directory);
                for (int i = 0; i < PODS; i++) {
                    lanes.add(new Lane(sink, start, directory, i));
                }
                start.train(lanes.getFirst().configuration);
                List<Future<?>> all = new ArrayList<>();
                for (Lane lane : lanes) {
                    int share = kills / PODS + (lane.number < kills % PODS ? 1 : 0);
                    all.add(threads.submit(() -> {
                        lane.kill(share);
                        return null;
                    }));
                }
                for (Future<?> one : all) {
                    one.get();
                }
                running.set(false);
                int records = 0;
                for (Lane lane : lanes) {
                    records += lane.assertEverythingStored();
                }
                assertThat(killed).hasValue(kills);
                System.out.println(
                        "kills " + kills + ", pods " + PODS + ", records " + records + ", lost 0, repeated 0");
            } finally {
                running.set(false);
                lanes.forEach(Lane::close);
            }
        } finally {
            Unprivileged.delete(directory);
        }
    }

    /** A pod with its server under load, and the shippers that are started and killed there one after the other. */
    private final class Lane implements AutoCloseable {
        private final Pod pod;
        private final PostgresServer source;
        private final Path configuration;
        private final QuickStart start;
        private final Path directory;
        private final int number;
        private final Random random;
        private final List<Thread> load;

        Lane(PostgresServer sink, QuickStart start, Path directory, int number) throws IOException {
            this.start = start;
            this.directory = directory;
            this.number = number;
            random = new Random(seed + number);
            pod = new Pod(sink);
            source = source(pod);
            configuration = pod.configuration(PostgresServer.freePort(), Map.of("logLinePrefix", "'" + PREFIX + "'"));
            load = startLoad(source, number);
        }

        void kill(int times) throws Exception {
            for (int i = 0; i < times; i++) {
                killOnce(i);
            }
        }

        /** Lets a shipper live for a while, mostly until some time after it began to store. */
        private void killOnce(int time) throws Exception {
            Path out = directory.resolve("shipper-" + number + "-" + time + ".out");
            Process shipper = start.start(configuration, out);
            try {
                if (random.nextInt(6) == 0) {
                    pause(Duration.ofMillis(random.nextInt(BEFORE_OPENING_MILLIS)));
                } else {
                    Await.until(
                            "pod " + number + ", kill " + time + ": the store is open",
                            () -> ShipperProcess.hasOpened(out));
                    pause(Duration.ofMillis(random.nextInt(AFTER_OPENING_MILLIS)));
                }
                assertThat(shipper.isAlive()).as("it ends by the kill alone").isTrue();
                killed.incrementAndGet();
            } finally {
                shipper.destroyForcibly().waitFor();
                Files.deleteIfExists(out);
            }
        }

        int assertEverythingStored() throws Exception {
            for (Thread thread : load) {
                thread.join();
            }
            Process last = start.start(configuration, directory.resolve("last-" + number + ".out"));
            try {
                return assertStoredOnce();
            } finally {
                last.destroyForcibly().waitFor();
            }
        }

        private int assertStoredOnce() throws Exception {
            List<String> inFiles = pod.recordsInFiles();
            assertThat(inFiles).hasSizeGreaterThan(1_000).doesNotHaveDuplicates();
            String own = " WHERE " + pod.isOfThisPod();
            Await.until(
                    "all records are in the store",
                    () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_log" + own) >= inFiles.size());
            List<String> inStore = pod.recordsInStore();
            Set<String> lost = new HashSet<>(inFiles);
            lost.removeAll(new HashSet<>(inStore));
            assertThat(lost).as("lost, seed %d", seed).isEmpty();
            assertThat(inStore).as("seed %d", seed).hasSameSizeAs(inFiles);
            assertThat(pod.texts("SELECT line FROM pgpod_logs.postgres_stderr" + own))
                    .isEmpty();
            assertThat(pod.texts("SELECT reason FROM pgpod_logs.dead_letter" + own))
                    .isEmpty();
            return inFiles.size();
        }

        @Override
        public void close() {
            source.close();
            pod.close();
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

    private List<Thread> startLoad(PostgresServer source, int number) {
        return List.of(
                Thread.ofPlatform().start(() -> runStatements(source, new Random(seed + number))),
                Thread.ofPlatform().start(() -> {
                    while (running.get()) {
                        source.execute("SELECT pg_rotate_logfile()");
                        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                    }
                }));
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

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
