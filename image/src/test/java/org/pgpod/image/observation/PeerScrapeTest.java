package org.pgpod.image.observation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.exporter.ExporterModule;
import org.pgpod.image.local.DebianProgram;

/** postgres_exporter of Debian's package and the exporter before one real server. */
@Tag("long")
class PeerScrapeTest {
    private static final String PACKAGE = "prometheus-postgres-exporter";
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SERIES = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    /** What the peer says of itself. */
    private static final Pattern OF_ITS_OWN =
            Pattern.compile("(go|process|promhttp|pg_exporter|postgres_exporter|pg_scrape_collector)_.*");

    /** Where the peer names its server in every series; Prometheus gives that as {@code instance}. */
    private static final String SERVER = "server";

    /**
     * What the package's version made of columns that it did not know, untyped; 0.20 has none of them. The age of the last
     * archived file is shown as NaN while there is none, and by us not at all.
     */
    private static final Set<String> GONE = Set.of(
            "pg_stat_archiver_last_archive_age",
            "pg_stat_database_active_time",
            "pg_stat_database_checksum_failures",
            "pg_stat_database_checksum_last_failure",
            "pg_stat_database_idle_in_transaction_time",
            "pg_stat_database_session_time",
            "pg_stat_database_sessions",
            "pg_stat_database_sessions_abandoned",
            "pg_stat_database_sessions_fatal",
            "pg_stat_database_sessions_killed");

    private record Family(String type, Set<String> labels) {}

    @Test
    void allThatThePeerShowsOfAServerIsShownByTheSameName() throws Exception {
        Path directory = Unprivileged.directory("peer");
        Map<String, String> settings = Map.of("wal_level", "logical");
        try (PostgresServer server = PostgresServer.with(settings)) {
            server.execute("CREATE ROLE pgpod_exporter LOGIN; GRANT pg_monitor TO pgpod_exporter;"
                    + " CREATE TABLE t (id int); INSERT INTO t VALUES (1); ANALYZE t;"
                    + " SELECT pg_create_physical_replication_slot('s', true)");
            Map<String, Family> theirs = families(peerPage(directory, server));
            Map<String, Family> ours = families(ownPage(directory, server));
            theirs.keySet().removeIf(name -> OF_ITS_OWN.matcher(name).matches());
            assertThat(theirs).hasSizeGreaterThan(200);
            assertThat(theirs.keySet()).containsAll(GONE);
            theirs.keySet().removeAll(GONE);
            assertThat(ours.keySet()).containsAll(theirs.keySet());
            theirs.forEach((name, family) -> assertThat(Objects.requireNonNull(ours.get(name)))
                    .as(name)
                    .satisfies(own -> assertThat(own.type()).isEqualTo(family.type()))
                    .satisfies(own -> assertThat(own.labels()).containsAll(family.labels())));
        } finally {
            Unprivileged.delete(directory);
        }
    }

    private static String peerPage(Path directory, PostgresServer server) throws Exception {
        Path root = new DebianProgram(directory).unpacked("peer", PACKAGE);
        int port = PostgresServer.freePort();
        ProcessBuilder builder = new ProcessBuilder(Unprivileged.asServer(List.of(
                        root.resolve("usr/bin/" + PACKAGE).toString(), "--web.listen-address=127.0.0.1:" + port)))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("peer.log").toFile());
        builder.environment().put("DATA_SOURCE_URI", "127.0.0.1:" + server.port() + "/postgres?sslmode=disable");
        builder.environment().put("DATA_SOURCE_USER", "pgpod_exporter");
        Process peer = builder.start();
        try {
            return page(port);
        } finally {
            peer.destroy();
            peer.waitFor();
        }
    }

    private static String ownPage(Path directory, PostgresServer server) throws Exception {
        Files.writeString(directory.resolve("pgpod_exporter"), "unused\n");
        int port = PostgresServer.freePort();
        Path file = Files.writeString(
                directory.resolve("pgpod.yaml"), """
                pod: {cluster: c, namespace: n, name: p-0, uid: u, address: 127.0.0.1, postgresPort: %d,
                      credentialsDirectory: %s, runDirectory: %s}
                exporter: {adminAddress: 127.0.0.1, adminPort: %d, compatibility: [postgres_exporter]}
                """.formatted(server.port(), directory, directory, port));
        ExporterModule module = new ExporterModule();
        Configuration configuration = Configuration.read(
                Optional.of(file), Map.of(), List.of(PodSettings.SCHEMA, module.schema()), Set.of("pod", "exporter"));
        Sidecar exporter = module.create(
                configuration.section(module.schema()),
                new SidecarContext(
                        PodSettings.from(configuration.section(PodSettings.SCHEMA)),
                        LinuxBootClock.open(),
                        new MetricsRegistry("test").meters(),
                        Map.of(),
                        "test"));
        exporter.start();
        try {
            return page(port);
        } finally {
            exporter.stop();
        }
    }

    /** A page with all of what needs a second collection. */
    private static String page(int port) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            Await.until(
                    "a page with sizes of databases",
                    () -> text(client, request).contains("pg_database_size_bytes{"));
            return text(client, request);
        }
    }

    private static String text(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (ConnectException notYet) {
            return "";
        }
    }

    private static Map<String, Family> families(String page) {
        Map<String, Family> families = new TreeMap<>();
        for (String line : page.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            Matcher series = SERIES.matcher(line);
            if (type.matches()) {
                families.put(type.group(1), new Family(type.group(2), new TreeSet<>()));
            } else if (series.matches() && families.containsKey(series.group(1))) {
                Set<String> labels = families.get(series.group(1)).labels();
                LABEL.matcher(Optional.ofNullable(series.group(2)).orElse(""))
                        .results()
                        .map(found -> found.group(1))
                        .filter(label -> !label.equals(SERVER))
                        .forEach(labels::add);
            }
        }
        return families;
    }
}
