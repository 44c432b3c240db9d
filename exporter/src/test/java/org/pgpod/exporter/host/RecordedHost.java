package org.pgpod.exporter.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pgpod.exporter.model.MetricFamily;

/** A recorded tree of {@code /proc} and {@code /sys/fs/cgroup}, laid out in a directory, with the postmaster's pid 41. */
record RecordedHost(Path directory) {
    static RecordedHost of(String recording, Path directory) throws IOException {
        RecordedHost host = new RecordedHost(directory);
        try (var stream =
                Objects.requireNonNull(RecordedHost.class.getResourceAsStream(recording + ".txt"), recording)) {
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            for (String section : ("\n" + text).split("\n== ", -1)) {
                int end = section.indexOf('\n');
                if (end > 0) {
                    host.write(section.substring(0, end), section.substring(end + 1));
                }
            }
        }
        host.write(
                "supervisor/state", "pgpod-supervisor=1 boot=b instance=i at=1 pg=up mode=primary pid=41 exit=0 end\n");
        return host;
    }

    void write(String file, String content) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    void remove(String file) throws IOException {
        Files.delete(directory.resolve(file));
    }

    HostFiles files() {
        return new HostFiles.Mounted(directory.resolve("proc"), directory.resolve("cgroup"));
    }

    PostgresHost postgres() {
        return new PostgresHost(
                files(), directory.resolve("supervisor/state"), directory.resolve("data/postmaster.pid"));
    }

    /** All series of families, such as {@code name{label="value"}}. */
    static Map<String, Double> series(List<MetricFamily> families) {
        Map<String, Double> series = new HashMap<>();
        for (MetricFamily family : families) {
            for (int i = 0; i < family.size(); i++) {
                String labels = family.labels(i).isEmpty() ? "" : "{" + family.labels(i) + "}";
                if (series.put(family.name() + labels, family.value(i)) != null) {
                    throw new AssertionError("second series " + family.name() + labels);
                }
            }
        }
        return series;
    }
}
