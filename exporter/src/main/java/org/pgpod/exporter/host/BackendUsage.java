package org.pgpod.exporter.host;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.pgpod.exporter.model.HostMetric;

/**
 * Sums of what the processes of Postgres have used, by backend type, database and user. They never fall: what a process
 * used counts for its group at each reading, and stays when the process ends. Used by one thread.
 */
final class BackendUsage {
    /** Groups beyond these are counted under {@link #OTHER} in place of their database and user. */
    static final int GROUPS_MAX = 200;

    static final String OTHER = "other";

    /** A process missing from so many readings in a row is forgotten; the kernel's list of children may leave one out. */
    private static final int MISSED_READINGS_MAX = 3;

    private final Map<Identity, Known> processes = new HashMap<>();
    private final Map<BackendTitle, Sums> groups = new LinkedHashMap<>();
    private long reading;

    private record Identity(long pid, long startedAtTicks) {}

    private record Known(ProcessCounts counts, long seenAtReading) {}

    private static final class Sums {
        private int processes;
        private double user;
        private double system;
        private OptionalDouble waiting = OptionalDouble.empty();
        private OptionalDouble read = OptionalDouble.empty();
        private OptionalDouble written = OptionalDouble.empty();
    }

    void begin() {
        reading++;
        groups.values().forEach(sums -> sums.processes = 0);
    }

    void add(long pid, ProcessCounts now, BackendTitle title) {
        Known known = processes.put(new Identity(pid, now.startedAtTicks()), new Known(now, reading));
        Sums sums = groups.computeIfAbsent(group(title), key -> new Sums());
        sums.processes++;
        sums.user += growth(now.userSeconds(), known == null ? 0 : known.counts.userSeconds());
        sums.system += growth(now.systemSeconds(), known == null ? 0 : known.counts.systemSeconds());
        sums.waiting =
                sum(sums.waiting, now.waiting(), known == null ? OptionalDouble.empty() : known.counts.waiting());
        sums.read = sum(sums.read, now.readBytes(), known == null ? OptionalDouble.empty() : known.counts.readBytes());
        sums.written = sum(
                sums.written, now.writtenBytes(), known == null ? OptionalDouble.empty() : known.counts.writtenBytes());
    }

    private BackendTitle group(BackendTitle title) {
        boolean room = groups.containsKey(title) || groups.size() < GROUPS_MAX;
        return room ? title : title.withoutNames(OTHER);
    }

    private static double growth(double now, double before) {
        return Math.max(0, now - before);
    }

    private static OptionalDouble sum(OptionalDouble sum, OptionalDouble now, OptionalDouble before) {
        return now.isEmpty() ? sum : OptionalDouble.of(sum.orElse(0) + growth(now.getAsDouble(), before.orElse(0)));
    }

    void end(Readings readings) {
        Iterator<Known> known = processes.values().iterator();
        while (known.hasNext()) {
            if (reading - known.next().seenAtReading > MISSED_READINGS_MAX) {
                known.remove();
            }
        }
        groups.forEach((title, sums) -> show(title, sums, readings));
    }

    private static void show(BackendTitle title, Sums sums, Readings readings) {
        String[] labels = {title.type(), title.database(), title.user()};
        readings.add(HostMetric.BACKENDS, sums.processes, labels)
                .add(HostMetric.BACKEND_CPU, sums.user, title.type(), title.database(), title.user(), "user")
                .add(HostMetric.BACKEND_CPU, sums.system, title.type(), title.database(), title.user(), "system");
        sums.waiting.ifPresent(value -> readings.add(HostMetric.BACKEND_WAITING, value, labels));
        sums.read.ifPresent(value -> readings.add(HostMetric.BACKEND_READ, value, labels));
        sums.written.ifPresent(value -> readings.add(HostMetric.BACKEND_WRITTEN, value, labels));
    }
}
