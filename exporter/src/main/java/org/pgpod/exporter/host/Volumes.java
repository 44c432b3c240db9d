package org.pgpod.exporter.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.exporter.model.HostMetric;
import org.pgpod.exporter.model.MetricFamily;

/**
 * Reads how full the pod's volumes are. A call may take as long as a hanging volume hangs.
 *
 * <p>A directory that does not exist or may not be entered has no series.
 */
public final class Volumes {
    private final Map<String, Path> directories;
    private final FileSystemSpace space;

    /** A reader of the volumes that hold these directories, by the value of the label {@code volume}. */
    public Volumes(Map<String, Path> directories) {
        this.directories = Map.copyOf(directories);
        this.space = FileSystemSpace.open();
    }

    /** The families as they are now. */
    public List<MetricFamily> read() {
        Readings readings = new Readings();
        directories.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> space(entry.getValue()).ifPresent(found -> show(entry.getKey(), found, readings)));
        return readings.families();
    }

    private Optional<FileSystemSpace.Space> space(Path directory) {
        return Files.isDirectory(directory) ? space.of(directory) : Optional.empty();
    }

    private static void show(String volume, FileSystemSpace.Space found, Readings readings) {
        readings.add(HostMetric.VOLUME_CAPACITY, (double) found.capacityBytes(), volume)
                .add(HostMetric.VOLUME_FREE, (double) found.freeBytes(), volume)
                .add(HostMetric.VOLUME_AVAILABLE, (double) found.availableBytes(), volume);
        if (found.inodes() > 0) {
            readings.add(HostMetric.VOLUME_INODES, (double) found.inodes(), volume)
                    .add(HostMetric.VOLUME_INODES_FREE, (double) found.inodesFree(), volume);
        }
    }
}
