package org.pgpod.image.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What it costs to bring a server's log into a store: pgpod's log-shipper and rsyslog from Debian's package, one after the
 * other with the same records, and psql's {@code \copy} of the rows that came of them. Each round begins with an empty store.
 */
final class LogsBench {
    /** The longest wait for a shipper. */
    static final Duration LIMIT = Duration.ofMinutes(10);

    private static final String BENCH = "logs";
    private static final int RECORDS = 400_000;
    private static final int WARMING_RECORDS = 40_000;
    private static final int RECORDS_OF_A_MILLISECOND = 10;
    private static final int RATE = 1_000;
    private static final Duration IDLE = Duration.ofSeconds(3);
    private static final long MEMORY_LOOK_MILLIS = 100;
    private static final double BYTES_PER_MEGABYTE = 1e6;
    private static final String COPY = "psql copy";

    private final int rounds;
    private final int seconds;
    private final Map<Row, List<Double>> figures = new LinkedHashMap<>();

    /** @param seconds how long records are written at a fixed rate */
    LogsBench(int rounds, int seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    private record Row(String scenario, String subject, String metric, String unit) {}

    /** Records that stand in a file, ready to be appended to a log. */
    private record Prepared(Path file, int records, Instant last) {
        double megabytes() throws IOException {
            return Files.size(file) / BYTES_PER_MEGABYTE;
        }
    }

    List<BenchRow> run(Consumer<String> progress) throws IOException, InterruptedException {
        try (LogsBed bed = LogsBed.start(progress)) {
            progress.accept(RECORDS + " records");
            Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofMinutes(5));
            Prepared warming = prepare(bed.prepared("warming.json"), WARMING_RECORDS, begin);
            Prepared log = prepare(bed.prepared("log.json"), RECORDS, begin.plusSeconds(60));
            Path rows = bed.prepared("rows.copy");
            exportRows(bed, log, rows);
            for (int round = 1; round <= rounds; round++) {
                parse(warming);
                double copied = copy(bed, log, rows);
                for (LogsBed.Kind kind : LogsBed.Kind.values()) {
                    bed.empty();
                    try (LogsBed.Subject subject = bed.start(kind)) {
                        ship(bed, subject, warming, log, copied);
                        writeAtRate(bed, subject);
                    }
                }
                progress.accept("round " + round + ": " + latest());
            }
        }
        return figures.entrySet().stream()
                .map(row -> BenchRow.of(
                        BENCH,
                        row.getKey().scenario(),
                        row.getKey().subject(),
                        row.getKey().metric(),
                        row.getKey().unit(),
                        row.getValue()))
                .toList();
    }

    private void note(String scenario, String subject, String metric, String unit, double value) {
        figures.computeIfAbsent(new Row(scenario, subject, metric, unit), row -> new ArrayList<>())
                .add(value);
    }

    private String latest() {
        List<String> words = new ArrayList<>();
        figures.forEach((row, values) -> words.add(String.format(
                "%s %s %s %.1f %s", row.scenario(), row.subject(), row.metric(), values.getLast(), row.unit())));
        return String.join(", ", words);
    }

    private static Prepared prepare(Path file, int records, Instant begin) throws IOException {
        Instant time = begin;
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int number = 1; number < records; number++) {
                time = begin.plusMillis(number / RECORDS_OF_A_MILLISECOND);
                writer.write(LogLines.line(number, time));
            }
            time = time.plusMillis(1);
            writer.write(LogLines.mark(records, time));
        }
        return new Prepared(file, records, time);
    }

    /** The rows that {@code \copy} gets are those that the log becomes in the store. */
    private static void exportRows(LogsBed bed, Prepared log, Path rows) throws IOException, InterruptedException {
        try (LogsBed.Subject subject = bed.start(LogsBed.Kind.PGPOD)) {
            append(log, subject.file());
            awaitSchema(bed, subject);
            bed.awaitMark(subject, log.last());
        }
        requireRecords(bed, log.records(), "pgpod");
        bed.export(rows);
    }

    private static void awaitSchema(LogsBed bed, LogsBed.Subject subject) throws IOException, InterruptedException {
        org.pgpod.image.local.Waiting.until("the store has its tables", LIMIT, () -> {
            subject.requireAlive();
            return bed.hasTables();
        });
    }

    private void parse(Prepared log) throws IOException {
        note(
                "parse",
                "pgpod",
                "throughput",
                "MB/s",
                new ParseRate(Files.readAllBytes(log.file())).megabytesPerSecond());
    }

    private double copy(LogsBed bed, Prepared log, Path rows) throws IOException, InterruptedException {
        bed.empty();
        double server = bed.server().cpuMillis();
        long began = System.nanoTime();
        bed.copy(rows);
        double seconds = secondsSince(began);
        requireRecords(bed, log.records(), COPY);
        noteSpeed(COPY, log, seconds);
        note("full-speed", COPY, "server-cpu", "ms/MB", (bed.server().cpuMillis() - server) / log.megabytes());
        return log.records() / seconds;
    }

    private void noteSpeed(String subject, Prepared log, double seconds) throws IOException {
        note("full-speed", subject, "rate", "rows/s", log.records() / seconds);
        note("full-speed", subject, "throughput", "MB/s", log.megabytes() / seconds);
    }

    /** Lets it wait, warms it up, and gives it the whole log at once. */
    private void ship(LogsBed bed, LogsBed.Subject subject, Prepared warming, Prepared log, double copied)
            throws IOException, InterruptedException {
        append(warming, subject.file());
        bed.awaitMark(subject, warming.last());
        TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
        note("idle", subject.name(), "memory-private", "MiB", subject.privateMebibytes());
        double own = subject.cpuMillis();
        double server = bed.server().cpuMillis();
        MemoryWatch watch = new MemoryWatch(subject);
        Thread watching = Thread.ofPlatform().daemon().name("memory").start(watch);
        long began = System.nanoTime();
        append(log, subject.file());
        bed.awaitMark(subject, log.last());
        double seconds = secondsSince(began);
        watching.interrupt();
        watching.join();
        requireRecords(bed, warming.records() + log.records(), subject.name());
        noteSpeed(subject.name(), log, seconds);
        note("full-speed", subject.name(), "of-copy", "ratio", log.records() / seconds / copied);
        note("full-speed", subject.name(), "cpu", "ms/MB", (subject.cpuMillis() - own) / log.megabytes());
        note(
                "full-speed",
                subject.name(),
                "server-cpu",
                "ms/MB",
                (bed.server().cpuMillis() - server) / log.megabytes());
        note("full-speed", subject.name(), "memory-private", "MiB", watch.most());
    }

    /** Writes records one by one, as a server does, and asks the store when each could be read. */
    private void writeAtRate(LogsBed bed, LogsBed.Subject subject) throws IOException, InterruptedException {
        Instant since = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant last;
        long records = (long) seconds * RATE;
        try (FileChannel file = FileChannel.open(subject.file(), StandardOpenOption.APPEND)) {
            long began = System.nanoTime();
            for (int number = 1; number < records; number++) {
                awaitTime(began + number * (TimeUnit.SECONDS.toNanos(1) / RATE));
                write(file, LogLines.line(number, Instant.now()));
            }
            last = Instant.now().truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
            write(file, LogLines.mark(records, last));
        }
        bed.awaitMark(subject, last);
        List<Double> late = bed.latencies(since);
        String scenario = RATE + "-rows/s";
        note(scenario, subject.name(), "latency-p50", "ms", late.get(0));
        note(scenario, subject.name(), "latency-p99", "ms", late.get(1));
    }

    private static void awaitTime(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            left = nanos - System.nanoTime();
        }
    }

    private static void write(FileChannel file, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private static void append(Prepared prepared, Path log) throws IOException {
        try (FileChannel from = FileChannel.open(prepared.file());
                FileChannel to = FileChannel.open(log, StandardOpenOption.WRITE)) {
            to.position(to.size());
            long at = 0;
            while (at < from.size()) {
                at += from.transferTo(at, from.size() - at, to);
            }
        }
    }

    private static void requireRecords(LogsBed bed, long wanted, String subject)
            throws IOException, InterruptedException {
        long found = bed.records();
        if (found != wanted) {
            throw new IOException(subject + " stored " + found + " of " + wanted + " records");
        }
    }

    private static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    /** Looks at a process's memory until it is interrupted. */
    private static final class MemoryWatch implements Runnable {
        private final LogsBed.Subject subject;
        private volatile double most;

        MemoryWatch(LogsBed.Subject subject) {
            this.subject = subject;
        }

        /** The most that was seen. */
        double most() {
            return most;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    most = Math.max(most, subject.privateMebibytes());
                    TimeUnit.MILLISECONDS.sleep(MEMORY_LOOK_MILLIS);
                }
            } catch (IOException gone) {
                throw new java.io.UncheckedIOException(gone);
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
