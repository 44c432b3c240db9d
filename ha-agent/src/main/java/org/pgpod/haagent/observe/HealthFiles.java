package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.HealthReport;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.port.SidecarPort;

/** Reads at most {@value #FILES_MAX} files of {@code run/health}. */
public final class HealthFiles implements SidecarPort {
    private static final int FILES_MAX = 16;
    private static final Pattern NAME = Pattern.compile("[a-z]([a-z-]{0,30}[a-z])?");

    private final Path directory;
    private final BootClock clock;

    public HealthFiles(Path directory, BootClock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    @Override
    public Map<String, HealthReport> reports() {
        Map<String, HealthReport> reports = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (NAME.matcher(name).matches() && reports.size() < FILES_MAX) {
                    read(file).ifPresent(report -> reports.put(name, report));
                }
            }
        } catch (IOException unreadable) {
            // The same as a directory that nobody has made yet: nothing is told, and nothing is decided by it.
            return Map.of();
        }
        return reports;
    }

    private Optional<HealthReport> read(Path file) {
        try {
            return HealthReport.parse(SmallFile.read(file, KeyValueLine.LENGTH_MAX))
                    .filter(report -> report.bootId().equals(clock.bootId()));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
