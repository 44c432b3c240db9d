package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** Whole shippers that look after the files that they read. */
class FileCareTest {
    private static Path log(Pod pod, String name) throws Exception {
        return Files.createDirectories(pod.postgresLogs()).resolve(name);
    }

    private static void append(Path file, String line, int lines) throws Exception {
        Files.writeString(file, line.repeat(lines), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void prefixThatIsNotTheServersIsTold() throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink)) {
            Path log = log(pod, "postgresql.log");
            append(log, "user=a,db=b 2026-11-05 10:20:36 UTC LOG:  xyzzy\n", 40);
            int port = PostgresServer.freePort();
            pod.start(port, Map.of());
            Await.until("it is told", () -> Pod.get(port, "/readyz").contains("logLinePrefix"));
            assertThat(Pod.get(port, "/readyz"))
                    .startsWith("200")
                    .contains("'%m [%p] '")
                    .contains("47 bytes")
                    .doesNotContain("xyzzy");
            assertThat(Pod.get(port, "/metrics")).contains("pgpod_log_unmatched_prefix_ratio{sink=\"postgres\"} 1.0");
            append(log, "2026-11-05 10:20:36.123 UTC [77] LOG:  m\na library's line\n", 100);
            Await.until("it is well again", () -> !Pod.get(port, "/readyz").contains("logLinePrefix"));
        }
    }

    @Test
    void rotationThatWouldOvertakeTheShippingIsTold() throws Exception {
        try (PostgresServer stopped = PostgresServer.start();
                Pod pod = new Pod(stopped)) {
            Path log = log(pod, "postgresql-Mon.log");
            int port = PostgresServer.freePort();
            pod.start(
                    port,
                    Map.of("logFilename", "'postgresql-%a.log'", "bufferBytes", "256KiB", "recordBytesMax", "4KiB"));
            Await.until("the store is reached", () -> Pod.get(port, "/readyz").startsWith("200"));
            stopped.stop();
            append(log, "a library's line\n", 200_000);
            Files.setLastModifiedTime(log, FileTime.from(Instant.now().minus(Duration.ofDays(6))));
            Await.until(
                    "it is told",
                    () -> overwriteSeconds(port) < Duration.ofDays(1).toSeconds());
            assertThat(overwriteSeconds(port))
                    .isGreaterThan((double) Duration.ofHours(23).toSeconds());
            stopped.restart();
            Await.until("all is shipped", () -> overwriteSeconds(port) == Double.POSITIVE_INFINITY);
        }
    }

    private static double overwriteSeconds(int port) throws Exception {
        return Pod.get(port, "/metrics")
                .lines()
                .filter(line -> line.startsWith("pgpod_log_overwrite_seconds{"))
                .map(line -> line.substring(line.indexOf('}') + 1).strip().replace("+Inf", "Infinity"))
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void filesAreDeletedOnceTheyAreStored() throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink)) {
            for (int i = 0; i < 10; i++) {
                Path log = log(pod, "postgresql-" + i + ".log");
                append(log, "a library's line " + i + "\n", 2_000);
                Files.setLastModifiedTime(log, FileTime.from(Instant.now().minus(Duration.ofMinutes(60 - i))));
            }
            int port = PostgresServer.freePort();
            pod.start(port, Map.of("postgresFilesMax", "100KiB"));
            Await.until("the oldest are gone", () -> files(pod) == 2);
            assertThat(pod.number("SELECT count(*) FROM pgpod_logs.postgres_stderr"))
                    .isEqualTo(20_000);
            Await.until("it is counted", () -> Pod.get(port, "/metrics").contains("pgpod_log_deleted_files_total 8.0"));
            Path another = log(pod, "postgresql-10.log");
            append(another, "a library's line 10\n", 10);
            Await.until(
                    "reading goes on", () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_stderr") == 20_010);
        }
    }

    private static long files(Pod pod) throws Exception {
        try (Stream<Path> files = Files.list(pod.postgresLogs())) {
            return files.count();
        }
    }
}
