package org.pgpod.image.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.image.local.Commands;
import org.pgpod.image.local.DebianProgram;
import org.pgpod.logshipper.LogShipperModule;
import picocli.CommandLine;

/** The log of a real server, shipped into a real store, as the command line shows it. */
class LogsCommandTest {
    private static final int ERRORS = 7;

    private static Path directory;
    private static PostgresServer store;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void shipTheLogOfAServer() throws Exception {
        directory = Unprivileged.directory("logs");
        store = PostgresServer.start();
        Map<String, String> settings = Map.of(
                "logging_collector", "on",
                "log_destination", "jsonlog",
                "log_directory", directory.resolve("postgres").toString(),
                "log_timezone", "UTC",
                "log_min_duration_statement", "0");
        try (PostgresServer source = PostgresServer.with(settings);
                Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < ERRORS; i++) {
                statement.execute("SELECT count(*) FROM pg_class");
                attempt(statement);
            }
        }
        ship();
    }

    private static void attempt(Statement statement) {
        try {
            statement.execute("SELECT 1 / 0");
        } catch (SQLException wanted) {
            assertThat(wanted.getSQLState()).isEqualTo("22012");
        }
    }

    private static void ship() throws Exception {
        Files.createDirectories(directory.resolve("sidecars"));
        Path file = Files.writeString(
                directory.resolve("pgpod.yaml"), """
                pod: {cluster: c, namespace: n, name: p-0, uid: u, address: 127.0.0.1, node: m, logDirectory: %s}
                logShipper:
                  adminAddress: 127.0.0.1
                  adminPort: %d
                  sinkHost: 127.0.0.1
                  sinkPort: %d
                  sinkDatabase: postgres
                  sinkUser: postgres
                  sinkSslMode: disable
                  flushInterval: 20ms
                """.formatted(directory, PostgresServer.freePort(), store.port()));
        LogShipperModule module = new LogShipperModule();
        Configuration configuration = Configuration.read(
                Optional.of(file), Map.of(), List.of(PodSettings.SCHEMA, module.schema()), Set.of("pod", "logShipper"));
        Values pod = configuration.section(PodSettings.SCHEMA);
        Sidecar shipper = module.create(
                configuration.section(module.schema()),
                new SidecarContext(
                        PodSettings.from(pod),
                        LinuxBootClock.open(),
                        new MetricsRegistry("test").meters(),
                        Map.of(),
                        "test"));
        shipper.start();
        try {
            Await.until("the last record", () -> number("message LIKE '%system is shut down%'") == 1);
        } finally {
            shipper.stop();
        }
    }

    private static long number(String condition) {
        try (Connection connection = store.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT count(*) FROM pgpod_logs.postgres_log WHERE " + condition)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException notYet) {
            return 0;
        }
    }

    @AfterAll
    static void stop() {
        store.close();
        Unprivileged.delete(directory);
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--host=127.0.0.1", "--port=" + store.port(), "--dbname=postgres", "-Upostgres", "--sslmode=disable"));
        return execute(all.toArray(String[]::new));
    }

    private int execute(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new LogsCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void searchFindsWhatIsAskedFor() {
        assertThat(run("search", "--sqlstate=22012", "--since=1h", "--limit=3"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString().lines().filter(line -> line.contains("ERROR 22012")))
                .hasSize(3);
        assertThat(run("search", "--severity=error", "--of=postgres", "-o", "json"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(ERRORS).allMatch(line -> line.startsWith("{\"table\":"));
        assertThat(run("search", "--cluster=another")).isZero();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void tailShowsTheLast() {
        assertThat(run("tail", "-n", "1", "--of=postgres")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("database system is shut down");
        assertThat(out.toString().lines()).hasSize(1);
    }

    @Test
    void misuseNamesTheOption() {
        assertThat(run("search", "--since=soon")).isEqualTo(2);
        assertThat(err.toString()).contains("the time is 'soon'");
        assertThat(run("search", "--limit=0")).isEqualTo(2);
        assertThat(err.toString()).contains("--limit is 0");
        assertThat(run("search", "--severity=bad")).isEqualTo(2);
        assertThat(err.toString()).contains("--severity is 'bad'");
        assertThat(run("tail", "--until=1h")).isEqualTo(2);
        assertThat(run("export", "--format=stderr", "--prefix=%y")).isEqualTo(2);
        assertThat(err.toString()).contains("'%y'");
        assertThat(execute("tail", "--sslmode=maybe")).isEqualTo(2);
        assertThat(err.toString()).contains("--sslmode is 'maybe'");
    }

    @Test
    void storeThatIsNotThereIsNamed() {
        int nobody = PostgresServer.freePort();
        assertThat(execute("tail", "--port=" + nobody, "--sslmode=disable")).isEqualTo(1);
        assertThat(err.toString()).contains("the store at 127.0.0.1:" + nobody + "/logs");
    }

    @Test
    @Tag("long")
    void pgBadgerReadsBothExports() throws Exception {
        Path programs = Unprivileged.directory("pgbadger");
        try {
            Path root = new DebianProgram(programs)
                    .unpacked(
                            "pgbadger",
                            "pgbadger",
                            "libjson-xs-perl",
                            "libcommon-sense-perl",
                            "libtypes-serialiser-perl",
                            "libtext-csv-xs-perl");
            for (String form : List.of("stderr", "jsonlog")) {
                Path file = directory.resolve("export." + form);
                assertThat(run("export", "--format", form, "--file", file.toString()))
                        .isZero();
                assertThat(err.toString()).contains(number("true") + " records exported");
                Path report = directory.resolve(form + ".txt");
                Commands.run(
                        directory,
                        List.of(
                                "env",
                                "PERL5LIB=" + perlLibraries(root),
                                "perl",
                                root.resolve("usr/bin/pgbadger").toString(),
                                "--quiet",
                                "--disable-checkpoint",
                                "--format",
                                form,
                                "--prefix",
                                "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
                                "--outfile",
                                report.toString(),
                                file.toString()));
                assertThat(Files.readString(report)).contains("division by zero");
            }
        } finally {
            Unprivileged.delete(programs);
        }
    }

    /** Where Debian's packages have modules: those in Perl, and those for this machine. */
    private static String perlLibraries(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root.resolve("usr"))) {
            return all.filter(path -> path.endsWith("JSON/XS.pm")
                            || path.endsWith("common/sense.pm")
                            || path.endsWith("Types/Serialiser.pm")
                            || path.endsWith("Text/CSV_XS.pm"))
                    .map(path -> path.resolve("../..").normalize().toString())
                    .distinct()
                    .collect(Collectors.joining(":"));
        }
    }
}
