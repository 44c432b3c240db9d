package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.image.local.Commands;

/**
 * pgbench select-only with eight clients, plain and TLS: direct, through wire-proxy, and through PgBouncer from Debian's
 * package in session mode. The subjects take turns within each round, so that a slow moment of the machine meets all.
 */
final class ProxyBench {
    private static final int CLIENTS = 8;
    private static final Pattern THROUGHPUT = Pattern.compile("(?m)^tps = ([0-9.]+) ");

    /** The share of transactions whose latency pgbench writes down: enough for a median, and cheap. */
    private static final String SAMPLING_RATE = "0.1";

    private static final int LATENCY_FIELD = 2;

    private final int rounds;
    private final int seconds;

    ProxyBench(int rounds, int seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    private record Subject(String name, String host, int port) {}

    private record Result(double throughput, double latencyMicros) {}

    List<BenchRow> run(Consumer<String> progress) throws IOException, InterruptedException {
        try (ProxyBed bed = ProxyBed.start(progress)) {
            List<Subject> subjects = List.of(
                    new Subject("direct", bed.address(), ProxyBed.POSTGRES_PORT),
                    new Subject("pgpod", bed.address(), ProxyBed.PROXY_PORT),
                    new Subject(bed.bouncerName(), bed.address(), ProxyBed.BOUNCER_PORT));
            List<BenchRow> rows = new ArrayList<>();
            for (String mode : List.of("plain", "tls")) {
                rows.addAll(measure(bed, mode, subjects, progress));
            }
            return rows;
        }
    }

    private List<BenchRow> measure(ProxyBed bed, String mode, List<Subject> subjects, Consumer<String> progress)
            throws IOException, InterruptedException {
        Map<Subject, List<Result>> results = new LinkedHashMap<>();
        subjects.forEach(subject -> results.put(subject, new ArrayList<>()));
        for (Subject subject : subjects) {
            // Warm: compiled code, filled caches.
            pgbench(bed, subject, mode, Math.min(seconds, 5));
        }
        for (int round = 1; round <= rounds; round++) {
            for (Subject subject : subjects) {
                Result result = pgbench(bed, subject, mode, seconds);
                java.util.Objects.requireNonNull(results.get(subject)).add(result);
                progress.accept("round " + round + " " + mode + " " + subject.name() + ": "
                        + Math.round(result.throughput()) + " tps");
            }
        }
        List<BenchRow> rows = new ArrayList<>();
        String scenario = CLIENTS + "-clients " + mode + " relay";
        results.forEach((subject, rounds) -> {
            rows.add(BenchRow.of(
                    "proxy",
                    scenario,
                    subject.name(),
                    "throughput",
                    "tps",
                    rounds.stream().map(Result::throughput).toList()));
            rows.add(BenchRow.of(
                    "proxy",
                    scenario,
                    subject.name(),
                    "latency-p50",
                    "us",
                    rounds.stream().map(Result::latencyMicros).toList()));
        });
        return rows;
    }

    private static Result pgbench(ProxyBed bed, Subject subject, String mode, int seconds)
            throws IOException, InterruptedException {
        String connection =
                "host=" + subject.host() + " port=" + subject.port() + " user=postgres dbname=postgres sslmode="
                        + (mode.equals("tls") ? "require" : "disable") + " passfile=" + bed.passfile();
        Path logs = bed.emptyDirectory("latencies");
        String output = Commands.run(
                logs,
                List.of(
                        "pgbench",
                        "--no-vacuum",
                        "--select-only",
                        "--client=" + CLIENTS,
                        "--jobs=2",
                        "--time=" + seconds,
                        "--log",
                        "--sampling-rate=" + SAMPLING_RATE,
                        connection));
        return new Result(figure(THROUGHPUT, output), medianLatencyMicros(logs));
    }

    /** The median over the transaction logs of all threads; the third field is the latency in microseconds. */
    private static double medianLatencyMicros(Path logs) throws IOException {
        List<Double> latencies = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs, "pgbench_log.*")) {
            for (Path file : files) {
                for (String line : Files.readAllLines(file)) {
                    latencies.add(Double.valueOf(line.split(" ", -1)[LATENCY_FIELD]));
                }
            }
        }
        if (latencies.isEmpty()) {
            throw new IOException("pgbench wrote down no latency");
        }
        latencies.sort(null);
        return latencies.get(latencies.size() / 2);
    }

    private static double figure(Pattern pattern, String output) throws IOException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IOException("pgbench printed no figure: " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }
}
