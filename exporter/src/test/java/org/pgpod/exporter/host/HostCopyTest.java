package org.pgpod.exporter.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.pod.BootClock;

class HostCopyTest {
    private static final BootClock CLOCK = new BootClock() {
        @Override
        public long nowMillis() {
            return 100_000;
        }

        @Override
        public String bootId() {
            return "b";
        }
    };
    private static final HostFiles NOTHING = new HostFiles.Mounted(Path.of("/absent"), Path.of("/absent"));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void aCopyIsReadAsTheFilesThemselves(String recording) throws Exception {
        RecordedHost host = RecordedHost.of(recording, directory);
        Map<String, Double> live = RecordedHost.series(host.postgres().read());
        write("pgpod-host=1 boot=b at=95000 pid=41 end\n" + recorded(recording) + "== end\n");
        assertThat(live).containsEntry("pgpod_host_container_visible", 1.0).hasSizeGreaterThan(30);
        assertThat(copied()).isEqualTo(live);
    }

    @Test
    void descriptorsAreThoseThatWereCounted() throws Exception {
        RecordedHost.of("v2", directory);
        write("pgpod-host=1 boot=b at=95000 pid=41 end\n" + recorded("v2") + "== proc/41/fd\n17\n== end\n");
        assertThat(copied()).containsEntry("pgpod_postgres_open_fds", 17.0);
    }

    @ParameterizedTest
    @CsvSource({
        "pgpod-host=1 boot=b at=70000 pid=41 end, end, 1",
        "pgpod-host=1 boot=b at=69999 pid=41 end, end, 0",
        "pgpod-host=1 boot=c at=95000 pid=41 end, end, 0",
        "pgpod-host=2 boot=b at=95000 pid=41 end, end, 0",
        "pgpod-host=1 boot=b at=soon pid=41 end, end, 0",
        "pgpod-host=1 boot=b at=95000 pid=41, end, 0",
        "pgpod-host=1 boot=b at=95000 pid=41 end, torn, 0"
    })
    void onlyAWholeCopyOfThisBootThatIsYoungIsTaken(String head, String last, double visible) throws Exception {
        RecordedHost.of("v2", directory);
        write(head + "\n" + recorded("v2") + "== " + last + "\n");
        assertThat(copied()).containsEntry("pgpod_host_processes_visible", visible);
    }

    private Map<String, Double> copied() {
        return RecordedHost.series(new PostgresHost(
                        new HostCopy(directory.resolve("host"), CLOCK),
                        NOTHING,
                        directory.resolve("supervisor/state"),
                        directory.resolve("absent"))
                .read());
    }

    private void write(String text) throws Exception {
        Files.writeString(directory.resolve("host"), text);
    }

    private static String recorded(String recording) throws Exception {
        try (var stream = Objects.requireNonNull(HostCopyTest.class.getResourceAsStream(recording + ".txt"))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip() + "\n";
        }
    }
}
