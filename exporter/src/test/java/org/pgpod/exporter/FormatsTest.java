package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;

/** The formats and encodings of one page, and how those of other sidecars become part of it. */
class FormatsTest {
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static PostgresServer server;
    private static RunningExporter exporter;

    @BeforeAll
    static void start() throws Exception {
        server = RunningExporter.prepared(PostgresServer.start());
        exporter = RunningExporter.on(server);
        Await.until(
                "sizes from the background",
                () -> exporter.scrape().has("pg_database_size_bytes{datname=\"postgres\"}"));
    }

    @AfterAll
    static void stop() {
        exporter.close();
        server.close();
    }

    @Test
    void everySeriesHasTheSameNameInBothFormats() throws Exception {
        HttpResponse<String> open = exporter.get("/metrics", "Accept", OPEN_METRICS);
        assertThat(open.headers().firstValue("Content-Type")).contains(OPEN_METRICS);
        assertThat(open.headers().firstValue("Vary")).contains("Accept, Accept-Encoding");
        assertThat(open.body()).endsWith("\n# EOF\n");
        HttpResponse<String> text = exporter.get("/metrics");
        assertThat(text.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(text.body()).doesNotContain("# EOF", "# UNIT");
        // Sessions come and go between two scrapes.
        assertThat(names(open.body())).isEqualTo(names(text.body()));
    }

    private static Set<String> names(String page) {
        return page.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("[ {].*", ""))
                .filter(name -> !name.startsWith("pg_stat_activity"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void openMetricsHoldsToItsRules() throws Exception {
        List<String> lines =
                exporter.get("/metrics", "Accept", OPEN_METRICS).body().lines().toList();
        assertThat(lines)
                .contains(
                        "# TYPE pg_exporter_scrapes counter",
                        "# TYPE pg_stat_database_xact_commit unknown",
                        "# TYPE pg_static unknown",
                        "# TYPE process_cpu_seconds counter",
                        "# UNIT process_cpu_seconds seconds",
                        "# UNIT pg_database_size_bytes bytes");
        assertThat(lines)
                .allSatisfy(line -> assertThat(line).doesNotContain(" untyped").isNotBlank());
        Set<String> counters = lines.stream()
                .filter(line -> line.matches("# TYPE \\S+ counter"))
                .map(line -> line.split(" ", -1)[2])
                .collect(Collectors.toSet());
        assertThat(counters)
                .allSatisfy(counter -> assertThat(lines).anyMatch(line -> line.startsWith(counter + "_total")));
    }

    @Test
    void aCompressedPageIsTheSamePage() throws Exception {
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + exporter.port() + "/metrics"))
                                .header("Accept-Encoding", "gzip")
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        String page;
        try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            page = new String(unpacked.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(Page.parse(page, 0).value("pg_up")).isEqualTo(1);
        assertThat(answer.body().length).isLessThan(page.length() / 4);
    }

    @Test
    void aSidecarThatSpeaksOpenMetricsIsMergedIntoBothFormats() throws Exception {
        try (RunningExporter merging = RunningExporter.on(
                server, "mergeTargets: ['other=http://127.0.0.1:%d/metrics']".formatted(exporter.port()))) {
            Page text = merging.scrape();
            assertThat(text.value("pgpod_exporter_merge_up{sidecar=\"other\"}")).isEqualTo(1);
            assertThat(text.has("process_uptime_seconds{sidecar=\"other\"}")).isTrue();
            assertThat(text.types())
                    .containsEntry("pg_exporter_scrapes_total", "counter")
                    .containsEntry("process_uptime_seconds", "gauge");
            String open = merging.get("/metrics", "Accept", OPEN_METRICS).body();
            assertThat(open)
                    .contains("process_uptime_seconds{sidecar=\"other\"} ")
                    .endsWith("# EOF\n");
        }
    }
}
