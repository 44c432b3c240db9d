package org.pgpod.haagent.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.pod.HealthReport;
import org.pgpod.core.pod.LinuxBootClock;

class HealthFilesTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatEachSidecarWroteInThisBootIsRead() throws IOException {
        LinuxBootClock clock = LinuxBootClock.open();
        HealthReport well = new HealthReport(clock.bootId(), 7, true, true, "");
        Files.writeString(directory.resolve("exporter"), well.format());
        Files.writeString(directory.resolve("wire-proxy"), well.format().substring(0, 30));
        Files.writeString(
                directory.resolve("log-shipper"), new HealthReport("another-boot", 7, true, true, "").format());
        Files.writeString(directory.resolve("exporter.tmp"), well.format());
        Files.createDirectory(directory.resolve("directory"));
        assertThat(new HealthFiles(directory, clock).reports())
                .containsOnlyKeys("exporter")
                .containsValue(well);
    }

    @Test
    void withoutADirectoryNobodyReports() throws IOException {
        assertThat(new HealthFiles(directory.resolve("none"), LinuxBootClock.open()).reports())
                .isEmpty();
    }
}
