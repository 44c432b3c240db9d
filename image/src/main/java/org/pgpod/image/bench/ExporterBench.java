package org.pgpod.image.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * What a scrape costs: pgpod's exporter and postgres_exporter from Debian's package, one after the other before the same
 * server with 1,000 and 10,000 tables. The server's cost is that of a whole window, so that what an exporter does between
 * scrapes counts too.
 */
final class ExporterBench {
    private static final List<Integer> TABLES = List.of(1_000, 10_000);
    private static final int SCRAPES = 5;

    /** Above the longest ttl of a family that scrapes collect: each scrape has to read everything. */
    private static final Duration EVERY = Duration.ofSeconds(12);

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final int rounds;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ExporterBench(int rounds) {
        this.rounds = rounds;
    }

    private record Page(double millis, long series, long bytes) {}

    List<BenchRow> run(Consumer<String> progress) throws IOException, InterruptedException {
        List<BenchRow> rows = new ArrayList<>();
        try (ExporterBed bed = ExporterBed.start(progress)) {
            for (int tables : TABLES) {
                progress.accept(tables + " tables");
                bed.growTo(tables);
                rows.addAll(measure(bed, tables + "-tables", progress));
            }
        }
        return rows;
    }

    private List<BenchRow> measure(ExporterBed bed, String scenario, Consumer<String> progress)
            throws IOException, InterruptedException {
        Map<String, Map<Figure, List<Double>>> results = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (ExporterBed.Kind kind : ExporterBed.Kind.values()) {
                try (ExporterBed.Subject subject = bed.start(kind)) {
                    Map<Figure, Double> result = window(bed, subject);
                    progress.accept("round " + round + " " + scenario + " " + subject.name() + ": " + result);
                    Map<Figure, List<Double>> own =
                            results.computeIfAbsent(subject.name(), name -> new LinkedHashMap<>());
                    result.forEach((figure, value) -> own.computeIfAbsent(figure, key -> new ArrayList<>())
                            .add(value));
                }
            }
        }
        List<BenchRow> rows = new ArrayList<>();
        results.forEach((subject, figures) -> figures.forEach((figure, values) ->
                rows.add(BenchRow.of("exporter", scenario, subject, figure.metric, figure.unit, values))));
        return rows;
    }

    /** What is measured, as rows name it. */
    private enum Figure {
        TIME("scrape-time", "ms"),
        CPU("server-cpu", "ms/scrape"),
        STATEMENTS("statements", "count/scrape"),
        CONNECTIONS("connections", "count/scrape"),
        SERIES("series", "count"),
        BYTES("page", "bytes"),
        MEMORY("memory-private", "MiB");

        private final String metric;
        private final String unit;

        Figure(String metric, String unit) {
            this.metric = metric;
            this.unit = unit;
        }

        @Override
        public String toString() {
            return metric;
        }
    }

    private Map<Figure, Double> window(ExporterBed bed, ExporterBed.Subject subject)
            throws IOException, InterruptedException {
        for (int i = 0; i < 2; i++) {
            // Warm: classes loaded, catalog caches filled, a first collection in the background.
            scrape(subject);
            TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
        }
        ExporterBed.ServerCost before = bed.cost();
        List<Double> times = new ArrayList<>();
        Page last = null;
        for (int i = 0; i < SCRAPES; i++) {
            last = scrape(subject);
            times.add(last.millis());
            TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
        }
        ExporterBed.ServerCost after = bed.cost();
        times.sort(null);
        Map<Figure, Double> result = new LinkedHashMap<>();
        result.put(Figure.TIME, times.get(times.size() / 2));
        result.put(Figure.CPU, (after.cpuMillis() - before.cpuMillis()) / SCRAPES);
        result.put(Figure.STATEMENTS, (double) (after.statements() - before.statements()) / SCRAPES);
        result.put(Figure.CONNECTIONS, (double) (after.connections() - before.connections()) / SCRAPES);
        result.put(Figure.SERIES, (double) Objects.requireNonNull(last).series());
        result.put(Figure.BYTES, (double) last.bytes());
        result.put(Figure.MEMORY, subject.privateMebibytes());
        return result;
    }

    /** As Prometheus asks: compressed. */
    private Page scrape(ExporterBed.Subject subject) throws IOException, InterruptedException {
        long started = System.nanoTime();
        HttpResponse<byte[]> response = http.send(
                HttpRequest.newBuilder(URI.create(subject.url()))
                        .header("Accept-Encoding", "gzip")
                        .timeout(LIMIT)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        double millis = (System.nanoTime() - started) / 1e6;
        String page;
        try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            page = new String(unpacked.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (response.statusCode() != 200 || !page.contains("\npg_up 1")) {
            throw new IOException(subject.name() + " answered " + response.statusCode() + " without pg_up 1");
        }
        long series = page.lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .count();
        return new Page(millis, series, response.body().length);
    }
}
