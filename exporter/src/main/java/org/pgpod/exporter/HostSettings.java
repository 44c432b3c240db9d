package org.pgpod.exporter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;

/**
 * The options of the section {@code exporter} that are about what the kernel says of Postgres.
 *
 * @param interval the time between two readings
 */
record HostSettings(Path processDirectory, Path controlGroupDirectory, Duration interval) {
    private static final Option<Path> PROCESS_DIRECTORY = Options.path(
                    "processDirectory",
                    "Where processes are read; those of Postgres are there only if the pod shares them.")
            .withDefault("/proc");
    private static final Option<Path> CONTROL_GROUP_DIRECTORY = Options.path(
                    "controlGroupDirectory", "Where control groups are read, version 1 or 2.")
            .withDefault("/sys/fs/cgroup");
    private static final Option<Duration> INTERVAL = Options.duration(
                    "hostInterval",
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(1),
                    "The time between two readings of processes, control group and volumes; no scrape waits for them.")
            .withDefault("5s");

    static final List<Option<?>> OPTIONS = List.of(PROCESS_DIRECTORY, CONTROL_GROUP_DIRECTORY, INTERVAL);

    static HostSettings from(Values values) {
        return new HostSettings(
                values.get(PROCESS_DIRECTORY), values.get(CONTROL_GROUP_DIRECTORY), values.get(INTERVAL));
    }
}
