package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.search.JsonFormat;
import org.pgpod.logshipper.search.LinePrefixFormat;
import org.pgpod.logshipper.search.LogExport;
import org.pgpod.logshipper.search.LogFilter;
import org.pgpod.logshipper.search.LogReader;
import org.pgpod.logshipper.search.LogSearch;
import org.pgpod.logshipper.search.RowFormat;
import org.pgpod.logshipper.search.StderrFormat;
import org.pgpod.logshipper.search.TerminalFormat;
import org.pgpod.logshipper.sink.StoreSettings;
import org.pgpod.logshipper.sink.StoreSettings.SslMode;

/** What a real server logged in two forms, shipped, and read back from the store. */
class ReadBackTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static PostgresServer sink;
    private static Pod pod;

    @BeforeAll
    static void shipTheLogOfAServer() throws Exception {
        sink = PostgresServer.start();
        pod = new Pod(sink);
        PostgresServer source = PostgresServer.with(Map.of(
                "logging_collector", "on",
                "log_destination", "jsonlog,stderr",
                "log_directory", pod.postgresLogs().toString(),
                "log_timezone", "UTC",
                "log_statement", "all",
                "log_connections", "on",
                "log_disconnections", "on",
                "log_line_prefix", LinePrefixFormat.DEFAULT));
        try (source;
                Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id int PRIMARY KEY, name text)");
            statement.execute("INSERT INTO t VALUES (1, 'é漢😀')");
            for (String wrong : List.of(
                    "INSERT INTO t VALUES (1, 'twice')",
                    "SELECT *\nFROM\tnowhere",
                    "SELEKT",
                    "SELECT 1 / 0 -- 100%",
                    "DO $$ BEGIN PERFORM * FROM missing; END $$",
                    "DO $$ BEGIN RAISE WARNING 'careful' USING DETAIL = E'of\\nthis', HINT = 'and that'; END $$")) {
                attempt(statement, wrong);
            }
        }
        pod.start(
                PostgresServer.freePort(),
                Map.of("bindParameters", "keep", "statementLiterals", "keep", "tableData", "keep"));
        List<String> written = pod.recordsInFiles();
        Await.until("all records", () -> pod.recordsInStore().size() == written.size());
    }

    private static void attempt(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException wanted) {
            assertThat(wanted.getSQLState()).hasSize(5);
        }
    }

    @AfterAll
    static void stop() {
        pod.close();
        sink.close();
    }

    private static LogReader reader() throws IOException {
        return LogReader.connect(new StoreSettings(
                "127.0.0.1",
                sink.port(),
                "postgres",
                "postgres",
                Optional.empty(),
                SslMode.DISABLE,
                Optional.empty(),
                Duration.ofMinutes(1),
                0));
    }

    private static String exported(RowFormat format) throws IOException {
        StringWriter text = new StringWriter();
        try (LogReader reader = reader()) {
            assertThat(new LogExport(reader, LogFilter.ALL, format).to(text))
                    .isEqualTo(pod.recordsInFiles().size());
        }
        return text.toString();
    }

    private static List<String> lines(String files) throws IOException {
        List<String> lines = new ArrayList<>();
        try (DirectoryStream<Path> matching = Files.newDirectoryStream(pod.postgresLogs(), files)) {
            for (Path file : matching) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        assertThat(lines).hasSizeGreaterThan(20);
        return lines;
    }

    private static JsonNode tree(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException malformed) {
            throw new AssertionError(line, malformed);
        }
    }

    @Test
    void exportAsJsonlogHoldsWhatPostgresWrote() throws Exception {
        assertThat(exported(JsonFormat.jsonlog()).lines().map(ReadBackTest::tree))
                .containsExactlyInAnyOrderElementsOf(
                        lines("*.json").stream().map(ReadBackTest::tree).toList());
    }

    @Test
    void exportAsStandardErrorHoldsWhatPostgresWrote() throws Exception {
        assertThat(exported(new StderrFormat(LinePrefixFormat.parse(LinePrefixFormat.DEFAULT)))
                        .lines())
                .containsExactlyInAnyOrderElementsOf(lines("*.log"));
    }

    @Test
    void fileOfAnExportAppearsWhole() throws Exception {
        Path file = pod.sidecarLogs().resolveSibling("export.json");
        try (LogReader reader = reader()) {
            long records = new LogExport(reader, LogFilter.ALL, JsonFormat.jsonlog()).to(file);
            assertThat(Files.readAllLines(file)).hasSize((int) records);
            RowFormat broken = (row, out) -> {
                out.append("half");
                throw new IOException("the disk is full");
            };
            assertThatThrownBy(() -> new LogExport(reader, LogFilter.ALL, broken).to(file))
                    .hasMessage("the disk is full");
            assertThat(Files.readAllLines(file)).hasSize((int) records);
            assertThat(file.resolveSibling("export.json.unfinished")).doesNotExist();
        }
    }

    @Test
    void searchShowsTheNewestOfWhatIsWanted() throws Exception {
        assertThat(found(filter("23505", "TWICE")))
                .containsPattern("Z p-0 ERROR 23505 \\[\\d+] postgres@postgres  duplicate key")
                .contains("    DETAIL: Key (id)=(1) already exists.\n")
                .endsWith("    STATEMENT: INSERT INTO t VALUES (1, 'twice')\n");
        assertThat(found(filter("22", "100%"))).contains("division by zero");
        assertThat(found(filter("22", "100_"))).isEmpty();
        StringWriter last = new StringWriter();
        try (LogReader reader = reader()) {
            int shown = new LogSearch(
                            reader,
                            List.of(Table.POSTGRES_LOG),
                            LogFilter.ALL,
                            JsonFormat.ofStore(),
                            new PrintWriter(last))
                    .newest(2);
            assertThat(shown).isEqualTo(2);
        }
        assertThat(last.toString()).contains("database system is shut down");
    }

    private static LogFilter filter(String state, String text) {
        Optional<String> any = Optional.empty();
        return new LogFilter(
                Optional.of("c"),
                Optional.of("p-0"),
                Optional.empty(),
                Optional.empty(),
                Optional.of(LogFilter.Severity.WARNING),
                Optional.of(state),
                Optional.of("postgres"),
                Optional.of("postgres"),
                any,
                any,
                any,
                Optional.of(text));
    }

    private static String found(LogFilter filter) throws IOException {
        StringWriter text = new StringWriter();
        try (LogReader reader = reader()) {
            new LogSearch(
                            reader,
                            List.of(Table.POSTGRES_LOG, Table.POSTGRES_STDERR, Table.SIDECAR_LOG),
                            filter,
                            new TerminalFormat(),
                            new PrintWriter(text))
                    .newest(10);
        }
        return text.toString();
    }

    @Test
    void followingShowsWhatComesAndNothingTwice() throws Exception {
        StringWriter text = new StringWriter();
        pod.writeLines("follow.jsonl", 0, 5);
        Await.until("the first lines", () -> pod.holdsLines(5));
        try (LogReader reader = reader()) {
            LogSearch search = new LogSearch(
                    reader,
                    List.of(Table.SIDECAR_LOG),
                    LogFilter.ALL,
                    new TerminalFormat(),
                    new PrintWriter(text, true));
            Thread following = Thread.ofPlatform().start(() -> {
                try {
                    search.follow(2, Clock.systemUTC());
                } catch (IOException failed) {
                    text.append(failed.toString());
                }
            });
            Await.until("the last two", () -> text.toString().contains("line 4 "));
            pod.writeLines("follow.jsonl", 5, 8);
            Await.until("what came", () -> text.toString().contains("line 7 "));
            following.interrupt();
            following.join();
        }
        assertThat(text.toString().lines().map(line -> line.replaceFirst(".*  ", "")))
                .containsExactly("line 3 é漢😀", "line 4 é漢😀", "line 5 é漢😀", "line 6 é漢😀", "line 7 é漢😀");
    }
}
