package org.pgpod.exporter.host;

import static org.pgpod.exporter.host.KernelText.keyed;
import static org.pgpod.exporter.host.KernelText.number;
import static org.pgpod.exporter.host.KernelText.pairs;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.pgpod.exporter.model.HostMetric;

/** What a container uses, from the files of its control group. Source: the kernel's cgroup-v2, cgroup-v1 and psi documents. */
final class ContainerUsage {
    /** More devices are left out. */
    static final int DEVICES_MAX = 32;

    private static final double MICROSECONDS = 1e6;
    private static final double NANOSECONDS = 1e9;

    // USER_HZ, which the kernel fixes for user space on every architecture that Java 25 supports.
    private static final double TICKS = 100;

    // Version 1 says "no limit" by a number near the end of its range.
    private static final double UNLIMITED_FROM = 0x1p60;

    private static final List<String> MEMORY_PARTS = List.of(
            "anon",
            "file",
            "shmem",
            "file_mapped",
            "file_dirty",
            "file_writeback",
            "inactive_file",
            "active_file",
            "slab",
            "pagetables");
    private static final Map<String, String> MEMORY_PARTS_OF_VERSION_1 = Map.of(
            "anon", "total_rss",
            "file", "total_cache",
            "shmem", "total_shmem",
            "file_mapped", "total_mapped_file",
            "file_dirty", "total_dirty",
            "file_writeback", "total_writeback",
            "inactive_file", "total_inactive_file",
            "active_file", "total_active_file");

    private final HostFiles files;
    private final Readings readings;

    private ContainerUsage(HostFiles files, Readings readings) {
        this.files = files;
        this.readings = readings;
    }

    static void read(ControlGroup group, HostFiles files, Readings readings) {
        ContainerUsage usage = new ContainerUsage(files, readings);
        switch (group) {
            case ControlGroup.Unified(String path) -> usage.unified(path);
            case ControlGroup.Separate separate -> usage.separate(separate);
            case ControlGroup.Hidden _ -> {}
        }
        readings.add(HostMetric.CONTAINER_VISIBLE, group instanceof ControlGroup.Hidden ? 0 : 1);
    }

    private void unified(String path) {
        Map<String, Double> cpu = keyed(files.controlGroup(path + "cpu.stat"));
        add(HostMetric.CPU_USAGE, cpu.get("usage_usec"), MICROSECONDS);
        add(HostMetric.CPU_USER, cpu.get("user_usec"), MICROSECONDS);
        add(HostMetric.CPU_SYSTEM, cpu.get("system_usec"), MICROSECONDS);
        throttling(cpu, "throttled_usec", MICROSECONDS);
        String[] quota = files.controlGroup(path + "cpu.max").orElse("").strip().split(" ", -1);
        if (quota.length == 2) {
            limit(number(quota[0]), number(quota[1]));
        }
        Map<String, Double> memory = keyed(files.controlGroup(path + "memory.stat"));
        usage(number(files.controlGroup(path + "memory.current")), memory.get("inactive_file"));
        add(HostMetric.MEMORY_PEAK, number(files.controlGroup(path + "memory.peak")));
        add(HostMetric.MEMORY_LIMIT, number(files.controlGroup(path + "memory.max")));
        add(HostMetric.MEMORY_SWAP, number(files.controlGroup(path + "memory.swap.current")));
        MEMORY_PARTS.forEach(part -> add(HostMetric.MEMORY_PARTS, memory.get(part), 1, part));
        add(HostMetric.MEMORY_FAULTS, memory.get("pgmajfault"), 1);
        Map<String, Double> events = keyed(files.controlGroup(path + "memory.events"));
        for (String event : List.of("high", "max", "oom", "oom_kill")) {
            add(HostMetric.MEMORY_EVENTS, events.get(event), 1, event);
        }
        devices(path + "io.stat");
        pressure(path + "cpu.pressure", HostMetric.PRESSURE_CPU_WAITING, HostMetric.PRESSURE_CPU_STALLED);
        pressure(path + "memory.pressure", HostMetric.PRESSURE_MEMORY_WAITING, HostMetric.PRESSURE_MEMORY_STALLED);
        pressure(path + "io.pressure", HostMetric.PRESSURE_IO_WAITING, HostMetric.PRESSURE_IO_STALLED);
        add(HostMetric.THREADS, number(files.controlGroup(path + "pids.current")));
        add(HostMetric.THREADS_MAX, number(files.controlGroup(path + "pids.max")));
    }

    private void devices(String file) {
        files.controlGroup(file).orElse("").lines().limit(DEVICES_MAX).forEach(line -> {
            String device = line.replaceFirst(" .*", "");
            Map<String, Double> counts = pairs(line);
            add(HostMetric.IO_READ_BYTES, counts.get("rbytes"), 1, device);
            add(HostMetric.IO_WRITTEN_BYTES, counts.get("wbytes"), 1, device);
            add(HostMetric.IO_READS, counts.get("rios"), 1, device);
            add(HostMetric.IO_WRITES, counts.get("wios"), 1, device);
        });
    }

    private void pressure(String file, HostMetric waiting, HostMetric stalled) {
        files.controlGroup(file).orElse("").lines().forEach(line -> {
            if (line.startsWith("some ")) {
                add(waiting, pairs(line).get("total"), MICROSECONDS);
            } else if (line.startsWith("full ")) {
                add(stalled, pairs(line).get("total"), MICROSECONDS);
            }
        });
    }

    private void separate(ControlGroup.Separate group) {
        add(HostMetric.CPU_USAGE, file(group, "cpuacct", "cpuacct.usage"), NANOSECONDS);
        Map<String, Double> modes = keyed(text(group, "cpuacct", "cpuacct.stat"));
        add(HostMetric.CPU_USER, modes.get("user"), TICKS);
        add(HostMetric.CPU_SYSTEM, modes.get("system"), TICKS);
        throttling(keyed(text(group, "cpu", "cpu.stat")), "throttled_time", NANOSECONDS);
        OptionalDouble quota = file(group, "cpu", "cpu.cfs_quota_us");
        if (quota.isPresent() && quota.getAsDouble() > 0) {
            limit(quota, file(group, "cpu", "cpu.cfs_period_us"));
        }
        Map<String, Double> memory = keyed(text(group, "memory", "memory.stat"));
        usage(file(group, "memory", "memory.usage_in_bytes"), memory.get("total_inactive_file"));
        add(HostMetric.MEMORY_PEAK, file(group, "memory", "memory.max_usage_in_bytes"));
        OptionalDouble limit = file(group, "memory", "memory.limit_in_bytes");
        if (limit.isPresent() && limit.getAsDouble() < UNLIMITED_FROM) {
            add(HostMetric.MEMORY_LIMIT, limit);
        }
        add(HostMetric.MEMORY_SWAP, memory.get("total_swap"), 1);
        MEMORY_PARTS_OF_VERSION_1.forEach((part, key) -> add(HostMetric.MEMORY_PARTS, memory.get(key), 1, part));
        add(HostMetric.MEMORY_FAULTS, memory.get("total_pgmajfault"), 1);
        file(group, "memory", "memory.failcnt").ifPresent(value -> add(HostMetric.MEMORY_EVENTS, value, 1, "max"));
        add(
                HostMetric.MEMORY_EVENTS,
                keyed(text(group, "memory", "memory.oom_control")).get("oom_kill"),
                1,
                "oom_kill");
        blocks(
                text(group, "blkio", "blkio.throttle.io_service_bytes"),
                HostMetric.IO_READ_BYTES,
                HostMetric.IO_WRITTEN_BYTES);
        blocks(text(group, "blkio", "blkio.throttle.io_serviced"), HostMetric.IO_READS, HostMetric.IO_WRITES);
        add(HostMetric.THREADS, file(group, "pids", "pids.current"));
        add(HostMetric.THREADS_MAX, file(group, "pids", "pids.max"));
    }

    /** Lines {@code 8:0 Read 4096}; other words than Read and Write are sums of them. */
    private void blocks(Optional<String> text, HostMetric reads, HostMetric writes) {
        text.orElse("").lines().limit(DEVICES_MAX * 8L).forEach(line -> {
            String[] words = line.split(" ", -1);
            if (words.length == 3 && (words[1].equals("Read") || words[1].equals("Write"))) {
                HostMetric metric = words[1].equals("Read") ? reads : writes;
                number(words[2]).ifPresent(value -> add(metric, value, 1, words[0]));
            }
        });
    }

    private Optional<String> text(ControlGroup.Separate group, String controller, String name) {
        return group.file(controller, name).flatMap(files::controlGroup);
    }

    private OptionalDouble file(ControlGroup.Separate group, String controller, String name) {
        return number(text(group, controller, name));
    }

    private void throttling(Map<String, Double> cpu, String throttledKey, double unit) {
        add(HostMetric.CPU_PERIODS, cpu.get("nr_periods"), 1);
        add(HostMetric.CPU_THROTTLED_PERIODS, cpu.get("nr_throttled"), 1);
        add(HostMetric.CPU_THROTTLED, cpu.get(throttledKey), unit);
    }

    private void limit(OptionalDouble quota, OptionalDouble period) {
        if (quota.isPresent() && period.isPresent() && period.getAsDouble() > 0) {
            readings.add(HostMetric.CPU_LIMIT, quota.getAsDouble() / period.getAsDouble());
        }
    }

    private void usage(OptionalDouble usage, @org.jspecify.annotations.Nullable Double inactive) {
        add(HostMetric.MEMORY_USAGE, usage);
        if (usage.isPresent() && inactive != null) {
            readings.add(HostMetric.MEMORY_WORKING_SET, Math.max(0, usage.getAsDouble() - inactive));
        }
    }

    private void add(HostMetric metric, OptionalDouble value) {
        add(metric, value, 1);
    }

    private void add(HostMetric metric, OptionalDouble value, double perUnit) {
        value.ifPresent(number -> readings.add(metric, number / perUnit));
    }

    private void add(
            HostMetric metric, @org.jspecify.annotations.Nullable Double value, double perUnit, String... labelValues) {
        if (value != null) {
            readings.add(metric, value / perUnit, labelValues);
        }
    }
}
