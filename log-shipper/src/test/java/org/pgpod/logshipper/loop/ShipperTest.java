package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.logshipper.loop.Relay.Fault;

/** Whole shippers in this process, with a real store. */
class ShipperTest {
    private static PostgresServer sink;

    @BeforeAll
    static void startSink() {
        sink = PostgresServer.start();
    }

    @AfterAll
    static void stopSink() {
        sink.close();
    }

    @BeforeEach
    void emptyStore() {
        sink.execute("DROP SCHEMA IF EXISTS pgpod_logs CASCADE");
    }

    @Test
    void stoppingStoresWhatIsThereAndStartingGoesOn() throws Exception {
        try (Pod pod = new Pod(sink)) {
            pod.writeLines("exporter.jsonl", 0, 100);
            Sidecar first = pod.start();
            Await.until("the first lines", () -> pod.holdsLines(100));
            pod.writeLines("exporter.jsonl", 100, 150);
            pod.stop(first);
            assertThat(pod.holdsLines(150)).isTrue();
            pod.writeLines("exporter.jsonl", 150, 200);
            pod.start();
            Await.until("the last lines", () -> pod.holdsLines(200));
            assertThat(pod.texts("SELECT DISTINCT cluster || namespace || pod || node FROM pgpod_logs.sidecar_log"))
                    .containsExactly("cnp-0machine");
        }
    }

    @Test
    void rotationByRenamingLosesNothing() throws Exception {
        try (Pod pod = new Pod(sink)) {
            pod.start();
            Path current = pod.sidecarLogs().resolve("exporter.jsonl");
            for (int round = 0; round < 20; round++) {
                pod.writeLines("exporter.jsonl", round * 50, round * 50 + 50);
                for (int age = 3; age >= 1; age--) {
                    Path older = pod.sidecarLogs().resolve("exporter.jsonl." + age);
                    if (Files.exists(older)) {
                        if (age == 3) {
                            int oldest = (round - 2) * 50;
                            Await.until(
                                    "the oldest file",
                                    () -> pod.number("SELECT count(*) FROM pgpod_logs.sidecar_log WHERE line < "
                                                    + oldest)
                                            == oldest);
                            Files.delete(older);
                        } else {
                            Files.move(older, pod.sidecarLogs().resolve("exporter.jsonl." + (age + 1)));
                        }
                    }
                }
                Files.move(current, pod.sidecarLogs().resolve("exporter.jsonl.1"));
            }
            Await.until("all lines", () -> pod.holdsLines(1_000));
        }
    }

    @Test
    void linesOfStandardErrorAreKept() throws Exception {
        try (Pod pod = new Pod(sink)) {
            Files.createDirectories(pod.postgresLogs());
            Path log = pod.postgresLogs().resolve("postgresql.log");
            Files.writeString(log, "same\nsame\n\tcontinued é\n");
            pod.start();
            Await.until("the lines", () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_stderr") == 3);
            assertThat(pod.texts("SELECT position || line FROM pgpod_logs.postgres_stderr ORDER BY position"))
                    .containsExactly("0same", "5same", "10\t[redacted]");
        }
    }

    @Test
    void whatCannotBeParsedOrStoredIsKeptAsideWithTheReason() throws Exception {
        try (Pod pod = new Pod(sink)) {
            int port = PostgresServer.freePort();
            pod.start(port, Map.of("bufferBytes", "256KiB", "recordBytesMax", "4KiB"));
            pod.writeLines("exporter.jsonl", 0, 10);
            pod.append("exporter.jsonl", "not json\n{\"message\":\"no time\"}\n\n");
            Files.write(
                    pod.sidecarLogs().resolve("exporter.jsonl"),
                    "{\"message\":\"é\"}\n".getBytes(StandardCharsets.ISO_8859_1),
                    StandardOpenOption.APPEND);
            Instant now = Instant.now();
            // NUL is JSON, and no Postgres can store it as jsonb.
            pod.append(
                    "exporter.jsonl",
                    "{\"timestamp\":\"" + now + "\",\"line\":1000,\"other\":\"\\u0000\"}\n"
                            + "{\"timestamp\":\"" + now + "\",\"line\":10,\"message\":\"" + "y".repeat(9_000)
                            + "\"}\n");
            pod.writeLines("exporter.jsonl", 11, 20);
            Await.until("all that can be stored", () -> pod.holdsLines(20));
            assertThat(pod.texts("SELECT split_part(reason, ':', 1) FROM pgpod_logs.dead_letter ORDER BY 1"))
                    .containsExactly("invalid_json", "invalid_time", "invalid_utf8", "refused");
            assertThat(pod.texts("SELECT truncated_from_bytes > 9000 AND length(message) BETWEEN 3900 AND 4096"
                            + " FROM pgpod_logs.sidecar_log WHERE line = 10"))
                    .containsExactly("t");
            Await.until(
                    "counters",
                    () -> Pod.get(port, "/metrics")
                            .contains("pgpod_log_dead_letters_total{reason=\"refused\",sink=\"postgres\"} 1.0"));
            assertThat(Pod.get(port, "/metrics"))
                    .contains("pgpod_log_dead_letters_total{reason=\"invalid_utf8\",sink=\"postgres\"} 1.0")
                    .contains("pgpod_log_truncated_records_total{sink=\"postgres\"} 1.0")
                    .contains("pgpod_log_batches_seconds_count")
                    .contains("pgpod_log_records_total{sink=\"postgres\",stream=\"sidecar\"}")
                    .contains("pgpod_log_lag_bytes{sink=\"postgres\"} 0.0")
                    .contains("pgpod_log_lag_seconds{sink=\"postgres\"} 0.0");
        }
    }

    @Test
    void olderOfTwoShippersIsFencedAndNothingComesTwice() throws Exception {
        try (Pod pod = new Pod(sink)) {
            int olderPort = PostgresServer.freePort();
            pod.start(olderPort, Map.of());
            pod.writeLines("exporter.jsonl", 0, 1_000);
            Await.until("the older stores", () -> pod.holdsLines(1_000));
            Sidecar younger = pod.start();
            for (int i = 1; i <= 50; i++) {
                pod.writeLines("exporter.jsonl", 1_000 * i, 1_000 * i + 1_000);
            }
            Await.until("all lines", () -> pod.holdsLines(51_000));
            Await.until(
                    "the older is fenced",
                    () -> Pod.get(olderPort, "/metrics").contains("pgpod_log_fenced{sink=\"postgres\"} 1.0"));
            assertThat(Pod.get(olderPort, "/readyz")).startsWith("503");
            assertThat(Pod.get(olderPort, "/livez")).startsWith("200");
            Await.until("the younger is ready", () -> younger.health().ready());
            assertThat(pod.number("SELECT epoch FROM pgpod_logs.source")).isEqualTo(2);
            pod.stop(younger);
            assertThat(pod.holdsLines(51_000)).isTrue();
        }
    }

    @Test
    void storeThatRestartsOrIsAwayHoldsNothingUpForGood() throws Exception {
        try (Pod pod = new Pod(sink)) {
            int port = PostgresServer.freePort();
            sink.stop();
            try {
                pod.start(port, Map.of());
                pod.writeLines("exporter.jsonl", 0, 100);
                Await.until("not ready", () -> Pod.get(port, "/readyz").startsWith("503"));
            } finally {
                sink.restart();
            }
            Await.until("lines from before the store was there", () -> pod.holdsLines(100));
            int written = 100;
            for (int round = 0; round < 3; round++) {
                pod.writeLines("exporter.jsonl", written, written + 20_000);
                sink.stop();
                pod.writeLines("exporter.jsonl", written + 20_000, written + 30_000);
                // A file that is gone before the store is back was held open.
                Path current = pod.sidecarLogs().resolve("exporter.jsonl");
                sink.restart();
                written += 30_000;
                int all = written;
                Await.until("all lines of round " + round, () -> pod.holdsLines(all));
                Files.delete(current);
            }
            Await.until("ready", () -> Pod.get(port, "/readyz").startsWith("200"));
            assertThat(Pod.get(port, "/metrics")).contains("pgpod_log_sink_errors_total");
        }
    }

    @Test
    void commitWhoseAnswerIsLostCountsOnce() throws Exception {
        try (Relay relay = new Relay(sink.port());
                Pod pod = new Pod(sink, relay.port())) {
            Sidecar shipper = pod.start(PostgresServer.freePort(), Map.of("sinkTimeout", "5s"));
            Await.until("ready", () -> shipper.health().ready());
            int written = 0;
            Fault[] faults = {Fault.AFTER_COMMIT, Fault.LATE_COMMIT, Fault.IN_COPY};
            for (int round = 0; round < 2 * faults.length; round++) {
                relay.fault(faults[round % faults.length]);
                int expectedFaults = round + 1;
                pod.writeLines("exporter.jsonl", written, written + 500);
                written += 500;
                int all = written;
                Await.until("the fault of round " + round, () -> relay.faults() == expectedFaults);
                Await.until("all lines of round " + round, () -> pod.holdsLines(all));
            }
            pod.writeLines("exporter.jsonl", written, written + 1);
            int all = written + 1;
            Await.until("the last line", () -> pod.holdsLines(all));
        }
    }

    @Test
    void storeThatWentBackInTimeGetsWhatItLost() throws Exception {
        try (Pod pod = new Pod(sink)) {
            pod.start();
            pod.writeLines("exporter.jsonl", 0, 100);
            Await.until("lines", () -> pod.holdsLines(100));
            // As if restored from a backup that was made before the shipper came.
            sink.execute("TRUNCATE pgpod_logs.sidecar_log, pgpod_logs.source CASCADE");
            pod.writeLines("exporter.jsonl", 100, 110);
            Await.until("all lines again", () -> pod.holdsLines(110));
        }
    }

    @Test
    void memoryForTheStoreStaysWithinTheBuffer() throws Exception {
        try (Pod pod = new Pod(sink)) {
            pod.writeLines("exporter.jsonl", 0, 50_000);
            pod.start(PostgresServer.freePort(), Map.of("bufferBytes", "256KiB", "recordBytesMax", "4KiB"));
            Await.until("all lines", () -> pod.holdsLines(50_000));
            assertThat(pod.number("SELECT count(DISTINCT xmin::text) FROM pgpod_logs.sidecar_log"))
                    .as("transactions, each of at most half the buffer")
                    .isGreaterThan(40);
        }
    }
}
