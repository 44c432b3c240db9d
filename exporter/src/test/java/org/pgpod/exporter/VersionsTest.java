package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.tukaani.xz.XZInputStream;

/** Every collector works on real servers of other major versions; the other tests run on Debian's. */
class VersionsTest {
    private static final Path ARCHIVES = Path.of("target/postgres-versions");

    @ParameterizedTest
    @ValueSource(ints = {13, 17, 18})
    void everyFamilyIsReadOnEveryVersion(int major) throws Exception {
        Path programs = Unprivileged.directory("postgres-" + major);
        try {
            unpack(archive(major), programs);
            try (PostgresServer server =
                            RunningExporter.prepared(PostgresServer.with(Map.of(), programs.resolve("bin")));
                    RunningExporter exporter = RunningExporter.on(server)) {
                Await.until("sizes", () -> exporter.scrape().has("pg_database_size_bytes{datname=\"postgres\"}"));
                check(major, exporter.scrape());
            }
        } finally {
            Unprivileged.delete(programs);
        }
    }

    private static void check(int major, Page page) {
        assertThat(page.value("pg_up")).isEqualTo(1);
        assertThat(page.like("pg_scrape_collector_success"))
                .hasSizeGreaterThan(15)
                .allSatisfy(series -> assertThat(page.value(series)).as(series).isEqualTo(1));
        assertThat(page.like("pg_static{short_version=\"" + major + ".")).hasSize(1);
        assertThat(page.has("pg_stat_bgwriter_checkpoints_timed_total")).isTrue();
        assertThat(page.value("pg_stat_bgwriter_buffers_backend_total")).isNotNegative();
        assertThat(page.has("pg_stat_checkpointer_num_timed_total")).isEqualTo(major >= 17);
        assertThat(page.like("pg_stat_database_active_time_seconds_total").isEmpty())
                .isEqualTo(major < 14);
        assertThat(page.like("pg_stat_database_conflicts_confl_active_logicalslot")
                        .isEmpty())
                .isEqualTo(major < 16);
        assertThat(page.like("pg_settings_")).hasSizeGreaterThan(200);
    }

    private static Path archive(int major) throws IOException {
        try (Stream<Path> files = Files.list(ARCHIVES)) {
            return files.filter(file -> file.getFileName().toString().contains("-amd64-" + major + "."))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no archive of PostgreSQL " + major + " in " + ARCHIVES));
        }
    }

    /** The jar holds one compressed archive; the system's tar keeps its links and modes. */
    private static void unpack(Path jar, Path directory) throws Exception {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry archive = zip.stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow();
            Process tar = new ProcessBuilder(List.of("tar", "--extract", "--directory=" + directory)).start();
            try (InputStream compressed = new XZInputStream(zip.getInputStream(archive));
                    OutputStream input = tar.getOutputStream()) {
                compressed.transferTo(input);
            }
            assertThat(tar.waitFor()).as("tar").isZero();
        }
        Unprivileged.run(List.of("chmod", "-R", "a+rX", directory.toString()));
    }
}
