package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.testing.PostgresServer;

/** What an operator is told before Prometheus is. */
class ExplanationTest {
    private static PostgresServer server;

    @TempDir
    private Path directory;

    private final StringWriter printed = new StringWriter();

    @BeforeAll
    static void start() {
        server = RunningExporter.prepared(PostgresServer.start());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private boolean explain(int port, String options) throws Exception {
        Files.writeString(directory.resolve("pgpod_exporter"), RunningExporter.PASSWORD);
        Path file = Files.writeString(directory.resolve("pgpod.yaml"), """
                pod: {cluster: demo, namespace: default, name: demo-0, uid: u, address: 127.0.0.1, postgresPort: %d,
                      credentialsDirectory: %s}
                exporter: {%s}
                """.formatted(port, directory, options));
        ExporterModule module = new ExporterModule();
        Configuration configuration = Configuration.read(
                Optional.of(file),
                Map.of(),
                List.of(PodSettings.SCHEMA, module.schema()),
                Set.of("pod", module.schema().name()));
        PrintWriter out = new PrintWriter(printed);
        boolean well = module.explain(
                configuration.section(module.schema()),
                PodSettings.from(configuration.section(PodSettings.SCHEMA)),
                out);
        out.flush();
        return well;
    }

    private String line(String collector) {
        return printed.toString()
                .lines()
                .filter(line -> line.startsWith(collector + " "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(printed.toString()));
    }

    @Test
    void everyCollectorIsExplained() throws Exception {
        assertThat(explain(server.port(), "disabledCollectors: locks")).isTrue();
        assertThat(printed.toString())
                .startsWith("server: PostgreSQL 15.")
                .contains(" primary, as pgpod_exporter@127.0.0.1:")
                .contains(" collected, 0 failed, ")
                .doesNotContain(RunningExporter.PASSWORD);
        assertThat(line("stat_archiver")).contains("scrape").contains(" 2 series in ");
        assertThat(line("database_size")).contains("background").contains(" 3 series in ");
        assertThat(line("stat_checkpointer")).contains("not collected: for PostgreSQL 17+ only");
        assertThat(line("stat_wal_receiver")).contains("not collected: on a standby only");
        assertThat(line("locks")).contains("not collected: switched off by exporter.disabledCollectors");
    }

    @Test
    void whatFailsIsNamedAndTheRestIsStillExplained() throws Exception {
        Path queries = Files.writeString(directory.resolve("queries.yaml"), """
                test_missing: {query: "SELECT n FROM app.missing", metrics: [{n: {usage: GAUGE}}]}
                """);
        assertThat(explain(server.port(), "postgresExporterQueries: " + queries))
                .isFalse();
        assertThat(line("queries/test_missing")).contains("FAILED: ERROR: relation \"app.missing\" does not exist");
        assertThat(line("wal")).contains(" series in ");
        assertThat(printed.toString()).contains(" collected, 1 failed, ");
    }

    @Test
    void aServerThatIsNotThereIsOneSentence() throws Exception {
        assertThat(explain(PostgresServer.freePort(), "")).isFalse();
        assertThat(printed.toString().lines()).singleElement().asString().contains("refused");
    }
}
