package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Scope;
import org.pgpod.exporter.model.Server;
import org.tukaani.xz.XZInputStream;

/**
 * Every collector works on real servers of all major versions, and what they show is what the golden lists say: a name that
 * is gone, has another type or other labels breaks somebody's dashboard.
 */
class VersionsTest {
    private static final Path ARCHIVES = Path.of("target/postgres-versions");
    private static final Path GOLDEN = Path.of("src/test/resources/org/pgpod/exporter/golden");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final int DEBIANS = 15;

    /** Without these, what some collectors read is not there. */
    private static final Map<String, String> SETTINGS = Map.of(
            "shared_preload_libraries", "pg_stat_statements",
            "max_prepared_transactions", "5",
            "wal_level", "logical",
            "autovacuum", "off");

    private static final List<String> OBJECTS = List.of(
            "CREATE EXTENSION pg_stat_statements",
            "CREATE EXTENSION pgstattuple",
            "CREATE EXTENSION pg_buffercache",
            "CREATE TABLE item (id serial PRIMARY KEY, name text)",
            "GRANT SELECT ON SEQUENCE item_id_seq TO pgpod_exporter",
            "INSERT INTO item (name) SELECT repeat('x', 100) FROM generate_series(1, 60000)",
            "ANALYZE item",
            "CREATE INDEX item_broken ON item (name)",
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'item_broken'::regclass",
            "SELECT pg_create_physical_replication_slot('standby')",
            "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')",
            "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 dbname=none' PUBLICATION feed WITH (connect = false)",
            "ALTER ROLE pgpod_exporter VALID UNTIL '2100-01-01'");

    @ParameterizedTest
    @ValueSource(ints = {13, 14, DEBIANS, 16, 17, 18})
    void everyFamilyIsReadOnEveryVersion(int major) throws Exception {
        Path programs = Unprivileged.directory("postgres-" + major);
        try {
            if (major != DEBIANS) {
                unpack(archive(major), programs);
            }
            Path bin = major == DEBIANS ? PostgresServer.PROGRAMS : programs.resolve("bin");
            try (PostgresServer server = RunningExporter.prepared(PostgresServer.with(SETTINGS, bin))) {
                OBJECTS.forEach(server::execute);
                server.execute("BEGIN; CREATE TABLE prepared (); PREPARE TRANSACTION 'waiting'");
                try (Connection idle = server.connect();
                        RunningExporter exporter = RunningExporter.on(server, options())) {
                    assertThat(idle.isValid(0)).isTrue();
                    List<String> collectors = collectors(major);
                    Await.until(
                            "all collectors ran",
                            () -> succeeded(exporter.scrape()).containsAll(collectors));
                    check(major, exporter.scrape());
                }
            }
        } finally {
            Unprivileged.delete(programs);
        }
    }

    private static String[] options() throws Exception {
        return new String[] {
            "compatibility: [postgres_exporter, cnpg]",
            "enabledCollectors: ["
                    + Catalog.builtIn().collectors().stream()
                            .filter(collector -> collector.scope().standard() == Scope.Standard.OFF)
                            .map(Collector::name)
                            .collect(Collectors.joining(", "))
                    + "]"
        };
    }

    private static List<String> collectors(int major) throws Exception {
        return Catalog.builtIn().collectors().stream()
                .filter(collector ->
                        collector.sqlFor(new Server(major, 0, Role.PRIMARY)).isPresent())
                .map(Collector::name)
                .toList();
    }

    private static List<String> succeeded(Page page) {
        return page.like("pg_scrape_collector_success").stream()
                .filter(series -> page.value(series) == 1)
                .map(series -> series.replaceFirst(".*collector=\"", "").replace("\"}", ""))
                .toList();
    }

    private static void check(int major, Page page) throws IOException {
        assertThat(page.value("pg_up")).isEqualTo(1);
        assertThat(page.value("pg_exporter_last_scrape_error")).isZero();
        assertThat(page.like("pgpod_exporter_duplicate_rows_total"))
                .allSatisfy(series -> assertThat(page.value(series)).as(series).isZero());
        assertThat(page.like("pg_static{short_version=\"" + major + ".")).hasSize(1);
        assertThat(page.like("pg_settings_")).hasSizeGreaterThan(200);
        Path file = GOLDEN.resolve("postgres-" + major + ".txt");
        String shown = String.join("\n", shapes(page)) + "\n";
        if (Boolean.getBoolean("pgpod.docs.write")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, shown);
        }
        assertThat(shown).as("rewrite it with -Dpgpod.docs.write=true").isEqualTo(Files.readString(file));
    }

    /** Names with types and labels; the names of settings depend on how a server was built. */
    private static SortedSet<String> shapes(Page page) {
        SortedSet<String> shapes = new TreeSet<>();
        for (String series : page.like("")) {
            String name = series.replaceFirst("[{].*", "");
            if (name.matches("(pg|cnpg)_.*") && !name.startsWith("pg_settings_")) {
                String labels = LABEL.matcher(series)
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.joining(","));
                shapes.add((name + " " + type(page, name) + " " + labels).strip());
            }
        }
        return shapes;
    }

    /** The type of a series, which for a histogram's is that of their common name. */
    private static String type(Page page, String name) {
        return Optional.ofNullable(page.types().get(name))
                .or(() -> Optional.ofNullable(page.types().get(name.replaceFirst("_(bucket|sum|count)$", ""))))
                .orElse("none");
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
