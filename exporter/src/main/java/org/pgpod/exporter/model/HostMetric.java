package org.pgpod.exporter.model;

import java.util.List;

/**
 * The metrics that are read from the kernel's files. Behind {@code pgpod_container_} stand cAdvisor's names: with its own
 * prefix they would be counted twice in every sum over a pod's containers.
 */
public enum HostMetric {
    CPU_USAGE(
            "pgpod_container_cpu_usage_seconds_total", MetricType.COUNTER, "CPU time used by the Postgres container."),
    CPU_USER("pgpod_container_cpu_user_seconds_total", MetricType.COUNTER, "CPU time used outside the kernel."),
    CPU_SYSTEM("pgpod_container_cpu_system_seconds_total", MetricType.COUNTER, "CPU time used within the kernel."),
    CPU_PERIODS("pgpod_container_cpu_cfs_periods_total", MetricType.COUNTER, "Periods in which the CPU limit applied."),
    CPU_THROTTLED_PERIODS(
            "pgpod_container_cpu_cfs_throttled_periods_total",
            MetricType.COUNTER,
            "Periods in which the container was throttled by its CPU limit."),
    CPU_THROTTLED(
            "pgpod_container_cpu_cfs_throttled_seconds_total",
            MetricType.COUNTER,
            "Time for which the container was throttled by its CPU limit."),
    CPU_LIMIT("pgpod_container_cpu_limit_cores", MetricType.GAUGE, "The CPU limit in cores; absent without one."),
    MEMORY_USAGE(
            "pgpod_container_memory_usage_bytes",
            MetricType.GAUGE,
            "Memory charged to the container, page cache included."),
    MEMORY_WORKING_SET(
            "pgpod_container_memory_working_set_bytes",
            MetricType.GAUGE,
            "Usage without inactive page cache: what the kubelet compares with the limit."),
    MEMORY_PEAK("pgpod_container_memory_max_usage_bytes", MetricType.GAUGE, "The most that usage ever was."),
    MEMORY_LIMIT("pgpod_container_memory_limit_bytes", MetricType.GAUGE, "The memory limit; absent without one."),
    MEMORY_SWAP("pgpod_container_memory_swap_bytes", MetricType.GAUGE, "Swap used."),
    MEMORY_PARTS(
            "pgpod_container_memory_stat_bytes",
            MetricType.GAUGE,
            "Parts of the usage: anon, file, shmem (shared buffers), file_mapped, file_dirty, file_writeback,"
                    + " inactive_file, active_file, slab, pagetables.",
            "part"),
    MEMORY_FAULTS(
            "pgpod_container_memory_major_faults_total", MetricType.COUNTER, "Page faults that read from a disk."),
    MEMORY_EVENTS(
            "pgpod_container_memory_events_total",
            MetricType.COUNTER,
            "Times that memory ran into a limit: high, max (reclaim at the limit), oom, oom_kill (processes killed).",
            "event"),
    IO_READ_BYTES(
            "pgpod_container_fs_reads_bytes_total", MetricType.COUNTER, "Bytes read from block devices.", "device"),
    IO_WRITTEN_BYTES(
            "pgpod_container_fs_writes_bytes_total", MetricType.COUNTER, "Bytes written to block devices.", "device"),
    IO_READS("pgpod_container_fs_reads_total", MetricType.COUNTER, "Reads from block devices.", "device"),
    IO_WRITES("pgpod_container_fs_writes_total", MetricType.COUNTER, "Writes to block devices.", "device"),
    PRESSURE_CPU_WAITING(
            "pgpod_container_pressure_cpu_waiting_seconds_total",
            MetricType.COUNTER,
            "Time in which some task of the container waited for a CPU."),
    PRESSURE_CPU_STALLED(
            "pgpod_container_pressure_cpu_stalled_seconds_total",
            MetricType.COUNTER,
            "Time in which every runnable task of the container waited for a CPU."),
    PRESSURE_MEMORY_WAITING(
            "pgpod_container_pressure_memory_waiting_seconds_total",
            MetricType.COUNTER,
            "Time in which some task of the container waited for memory."),
    PRESSURE_MEMORY_STALLED(
            "pgpod_container_pressure_memory_stalled_seconds_total",
            MetricType.COUNTER,
            "Time in which every task of the container waited for memory."),
    PRESSURE_IO_WAITING(
            "pgpod_container_pressure_io_waiting_seconds_total",
            MetricType.COUNTER,
            "Time in which some task of the container waited for a disk."),
    PRESSURE_IO_STALLED(
            "pgpod_container_pressure_io_stalled_seconds_total",
            MetricType.COUNTER,
            "Time in which every task of the container waited for a disk."),
    THREADS("pgpod_container_threads", MetricType.GAUGE, "Processes and threads of the container."),
    THREADS_MAX("pgpod_container_threads_max", MetricType.GAUGE, "How many there may be; absent without a limit."),
    BACKENDS(
            "pgpod_backend_processes",
            MetricType.GAUGE,
            "Processes of Postgres.",
            "backend_type",
            "datname",
            "usename"),
    BACKEND_CPU(
            "pgpod_backend_cpu_seconds_total",
            MetricType.COUNTER,
            "CPU time used by processes of Postgres, by mode: user, system.",
            "backend_type",
            "datname",
            "usename",
            "mode"),
    BACKEND_WAITING(
            "pgpod_backend_cpu_waiting_seconds_total",
            MetricType.COUNTER,
            "Time for which processes of Postgres were ready and waited for a CPU.",
            "backend_type",
            "datname",
            "usename"),
    BACKEND_READ(
            "pgpod_backend_read_bytes_total",
            MetricType.COUNTER,
            "Bytes that processes of Postgres caused to be read from disks.",
            "backend_type",
            "datname",
            "usename"),
    BACKEND_WRITTEN(
            "pgpod_backend_written_bytes_total",
            MetricType.COUNTER,
            "Bytes that processes of Postgres caused to be written to disks.",
            "backend_type",
            "datname",
            "usename"),
    OPEN_FILES("pgpod_postgres_open_fds", MetricType.GAUGE, "Open file descriptors of all processes of Postgres."),
    OPEN_FILES_LARGEST(
            "pgpod_postgres_process_open_fds_largest",
            MetricType.GAUGE,
            "Open file descriptors of the process of Postgres that has the most."),
    OPEN_FILES_MAX(
            "pgpod_postgres_process_max_fds",
            MetricType.GAUGE,
            "File descriptors that a process of Postgres may open."),
    VOLUME_CAPACITY("pgpod_volume_capacity_bytes", MetricType.GAUGE, "Size of the volume's file system.", "volume"),
    VOLUME_FREE("pgpod_volume_free_bytes", MetricType.GAUGE, "Free bytes, those reserved for root included.", "volume"),
    VOLUME_AVAILABLE("pgpod_volume_available_bytes", MetricType.GAUGE, "Bytes that Postgres may still take.", "volume"),
    VOLUME_INODES(
            "pgpod_volume_inodes",
            MetricType.GAUGE,
            "Files that the file system can hold; absent where it has no such bound.",
            "volume"),
    VOLUME_INODES_FREE("pgpod_volume_inodes_free", MetricType.GAUGE, "Files that can still be made.", "volume"),
    PROCESSES_VISIBLE(
            "pgpod_host_processes_visible",
            MetricType.GAUGE,
            "Whether the processes of Postgres can be seen; pgpod_backend_ is absent if not."),
    CONTAINER_VISIBLE(
            "pgpod_host_container_visible",
            MetricType.GAUGE,
            "Whether the control group of the Postgres container can be seen; pgpod_container_ is absent if not."),
    READ_AGE(
            "pgpod_host_read_age_seconds",
            MetricType.GAUGE,
            "Age of what the page shows, by source: postgres (processes and container), volumes.",
            "source");

    private final String metric;
    private final MetricType type;
    private final String help;
    private final String labels;

    HostMetric(String metric, MetricType type, String help, String... labels) {
        this.metric = metric;
        this.type = type;
        this.help = help;
        this.labels = String.join(" ", labels);
    }

    public String metric() {
        return metric;
    }

    public MetricType type() {
        return type;
    }

    public String help() {
        return help;
    }

    public List<String> labels() {
        return labels.isEmpty() ? List.of() : List.of(labels.split(" ", -1));
    }
}
