package org.pgpod.exporter.expose;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;

/** The exporter's own process under the names that Prometheus client libraries use everywhere. Source: proc(5). */
public final class ProcessFamilies {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    // USER_HZ, which the kernel fixes for user space on every architecture that Java 25 supports.
    private static final double TICKS_PER_SECOND = 100;
    private static final double KIBIBYTE = 1_024;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int VIRTUAL_BYTES = 20;

    private ProcessFamilies() {}

    /** The families now; none where there is no /proc. */
    public static List<MetricFamily> read() {
        try {
            String stat = Files.readString(STAT, StandardCharsets.ISO_8859_1);
            // The program's name may hold spaces and parentheses; the fields after it are numbers.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            double ticks = Double.parseDouble(fields[USER_TICKS]) + Double.parseDouble(fields[SYSTEM_TICKS]);
            return List.of(
                    MetricFamily.of(
                            "process_cpu_seconds_total",
                            MetricType.COUNTER,
                            "CPU time used in seconds.",
                            ticks / TICKS_PER_SECOND),
                    gauge(
                            "process_virtual_memory_bytes",
                            "Virtual memory in bytes.",
                            Double.parseDouble(fields[VIRTUAL_BYTES])),
                    gauge("process_resident_memory_bytes", "Resident memory in bytes.", residentBytes()),
                    gauge("process_open_fds", "Open file descriptors.", (double) openDescriptors()));
        } catch (IOException noProc) {
            return List.of();
        }
    }

    private static MetricFamily gauge(String name, String help, double value) {
        return MetricFamily.of(name, MetricType.GAUGE, help, value);
    }

    private static double residentBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .map(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * KIBIBYTE)
                    .orElse(0.0);
        }
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            return descriptors.count();
        }
    }
}
