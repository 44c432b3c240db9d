package org.pgpod.exporter.host;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one process has used since it started. Source: proc(5).
 *
 * @param startedAtTicks tells a process from an earlier one with its pid
 * @param waiting seconds it was ready to run and did not; empty without schedstat
 * @param readBytes empty when the process belongs to somebody else, whose {@code io} the kernel shows nobody
 */
record ProcessCounts(
        String program,
        long startedAtTicks,
        double userSeconds,
        double systemSeconds,
        OptionalDouble waiting,
        OptionalDouble readBytes,
        OptionalDouble writtenBytes) {
    private static final double TICKS_PER_SECOND = 100;
    private static final double NANOSECONDS = 1e9;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int STARTED_AT = 19;

    /** The counts of a process; empty when it has gone. */
    static Optional<ProcessCounts> read(long pid, HostFiles files) {
        Optional<String> stat = files.process(pid + "/stat");
        if (stat.isEmpty()) {
            return Optional.empty();
        }
        int open = stat.get().indexOf('(');
        // The program's name may hold spaces and parentheses; the fields after it are numbers.
        int close = stat.get().lastIndexOf(')');
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        String[] fields = stat.get().substring(close + 1).strip().split(" ", -1);
        try {
            return Optional.of(counts(stat.get().substring(open + 1, close), fields, pid, files));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException otherForm) {
            return Optional.empty();
        }
    }

    private static ProcessCounts counts(String program, String[] fields, long pid, HostFiles files) {
        String[] schedule = files.process(pid + "/schedstat").orElse("").strip().split(" ", -1);
        Map<String, Double> io = KernelText.keyed(files.process(pid + "/io").map(text -> text.replace(":", "")));
        return new ProcessCounts(
                program,
                Long.parseLong(fields[STARTED_AT]),
                Double.parseDouble(fields[USER_TICKS]) / TICKS_PER_SECOND,
                Double.parseDouble(fields[SYSTEM_TICKS]) / TICKS_PER_SECOND,
                schedule.length == 3
                        ? OptionalDouble.of(Double.parseDouble(schedule[1]) / NANOSECONDS)
                        : OptionalDouble.empty(),
                optional(io, "read_bytes"),
                optional(io, "write_bytes"));
    }

    private static OptionalDouble optional(Map<String, Double> values, String key) {
        Double value = values.get(key);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
