package org.pgpod.extensionloader.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.sql.ExtensionCreator.Outcome;

class ExtensionCreatorTest {
    private static PostgresServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        server.execute("CREATE ROLE pgpod_loader SUPERUSER LOGIN PASSWORD 'right'");
        server.hba("host all postgres 127.0.0.1/32 trust\nhost all pgpod_loader 127.0.0.1/32 scram-sha-256\n");
        server.reload();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private ExtensionCreator creator(String password) throws IOException {
        Path file = Files.writeString(directory.resolve("pgpod_loader"), password + "\n");
        return new ExtensionCreator(
                new ExtensionCreator.Server("127.0.0.1", server.port(), Duration.ofMillis(200), Duration.ofSeconds(30)),
                new Credential(file));
    }

    private Outcome ensure(String entry) throws IOException, SQLException {
        return creator("right").ensure(DesiredExtension.parse(entry), "postgres");
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
    }

    @Test
    void anExtensionIsCreatedOnceInTheWantedSchemaWithWhatItRequires() throws Exception {
        server.execute("CREATE SCHEMA \"Odd name\"");
        assertThat(creator("right")
                        .ensure(
                                new DesiredExtension(
                                        "earthdistance", java.util.Optional.empty(), java.util.List.of(), "Odd name"),
                                "postgres"))
                .isEqualTo(Outcome.CREATED);
        assertThat(ensure("earthdistance")).isEqualTo(Outcome.PRESENT);
        assertThat(query("SELECT string_agg(extname || ' in ' || extnamespace::regnamespace, ', ' ORDER BY extname)"
                        + " FROM pg_extension WHERE extname IN ('cube', 'earthdistance')"))
                .isEqualTo("cube in \"Odd name\", earthdistance in \"Odd name\"");
    }

    @Test
    void anOlderVersionIsUpdated() throws Exception {
        server.execute("CREATE EXTENSION hstore VERSION '1.4'");
        assertThat(ensure("hstore")).isEqualTo(Outcome.UPDATED);
        assertThat(query("SELECT extversion = default_version FROM pg_extension, pg_available_extensions a"
                        + " WHERE extname = 'hstore' AND a.name = 'hstore'"))
                .isEqualTo("t");
    }

    @Test
    void aScriptSeesTheDatabasesOwnSearchPathAsResetValue() throws Exception {
        server.execute("""
                CREATE TABLE seen (reset_val text);
                CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                  INSERT INTO public.seen SELECT s.reset_val FROM pg_settings s WHERE name = 'search_path'; END $$;
                CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION note();
                """);
        ensure("citext");
        server.execute("DROP EVENT TRIGGER note");
        assertThat(query("SELECT reset_val FROM seen")).isEqualTo("\"$user\", public");
    }

    @Test
    void itGivesWayToALock() throws Exception {
        try (Connection holder = server.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE pg_catalog.pg_extension IN ACCESS EXCLUSIVE MODE");
            assertThatThrownBy(() -> ensure("pg_trgm"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("lock timeout");
        }
        assertThat(ensure("pg_trgm")).isEqualTo(Outcome.CREATED);
    }

    @Test
    void whatCannotWorkIsSaidAndTheSecretIsNot() throws IOException {
        assertThatThrownBy(() -> ensure("no_such_extension"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("does not see extension no_such_extension");
        ExtensionCreator wrong = creator("wrong-secret");
        assertThatThrownBy(() -> wrong.ensure(DesiredExtension.parse("pg_trgm"), "postgres"))
                .isInstanceOf(SQLException.class)
                .hasMessageNotContaining("wrong-secret");
        assertThatThrownBy(() -> creator("right").ensure(DesiredExtension.parse("pg_trgm"), "no such?database"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("\"no such?database\"");
    }
}
