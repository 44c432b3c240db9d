package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
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
import org.pgpod.haagent.act.InitialContentWriter;
import org.pgpod.haagent.client.ScriptSession;
import org.pgpod.haagent.conf.InitialContent;
import org.pgpod.haagent.model.port.Effect;

/** Roles, databases and SQL files of a new cluster, on a real server. */
class InitialContentTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PASSWORD = "the superuser's";

    @SuppressWarnings("NullAway.Init") // made before the first test
    private static PostgresServer server;

    @TempDir
    @SuppressWarnings("NullAway.Init") // injected
    private Path directory;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        server.execute("alter role postgres password '" + PASSWORD.replace("'", "''") + "'");
        server.hba(
                "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
        server.reload();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Effect make(String roles, String databases, String scripts) throws IOException {
        Path superuser = Files.writeString(directory.resolve("superuser"), PASSWORD + "\n");
        InitialContent content = new InitialContent(
                InitialContent.roles(roles),
                InitialContent.databases(databases),
                InitialContent.scripts(scripts),
                directory);
        assertThat(content.problems()).isEmpty();
        ScriptSession session = new ScriptSession("127.0.0.1", server.port(), "postgres", new Credential(superuser));
        return new InitialContentWriter(session, content).make(LIMIT);
    }

    private static String ask(String database, String sql) throws SQLException {
        return ask(database, "postgres", PASSWORD, sql);
    }

    private static String ask(String database, String role, String password, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database, role, password);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }

    private Path script(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @Test
    void rolesAndDatabasesAreMadeOnceAndLeftAlone() throws Exception {
        Files.writeString(directory.resolve("shop"), "pass' word\\\n");
        String roles = "readers nologin\nshop createdb connections=7 memberOf=readers,pg_monitor\nbatch nopassword";
        String databases = "shop-db owner=shop\ngerman template=template0 encoding=LATIN1 locale=C";

        assertThat(make(roles, databases, "")).isEqualTo(new Effect.Changed());

        assertThat(ask("shop-db", "shop", "pass' word\\", "select current_user"))
                .isEqualTo("shop");
        assertThat(
                        ask(
                                "postgres",
                                "select rolcreatedb and not rolsuper and rolconnlimit = 7 and pg_has_role('shop', 'readers', 'member')"
                                        + " and pg_has_role('shop', 'pg_monitor', 'member') from pg_roles where rolname = 'shop'"))
                .isEqualTo("t");
        assertThat(ask("postgres", "select rolcanlogin::text from pg_roles where rolname = 'readers'"))
                .isEqualTo("false");
        assertThat(ask("postgres", "select (rolpassword is null)::text from pg_authid where rolname = 'batch'"))
                .isEqualTo("true");
        assertThat(ask("german", "show server_encoding")).isEqualTo("LATIN1");

        server.execute("alter role shop connection limit 3");
        Files.writeString(directory.resolve("shop"), "another\n");
        assertThat(make(roles, databases, "")).isEqualTo(new Effect.Unchanged());
        assertThat(ask("postgres", "select rolconnlimit::text from pg_roles where rolname = 'shop'"))
                .isEqualTo("3");
    }

    @Test
    void aRoleWithoutItsPasswordFileIsAnErrorAndNothingIsMade() throws Exception {
        assertThat(make("lone\nnobody", "", ""))
                .isInstanceOfSatisfying(
                        Effect.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains(
                                        "the credential file",
                                        directory.resolve("lone").toString()));
        Files.writeString(directory.resolve("lone"), "x\n");
        assertThat(make("lone memberOf=absent", "", ""))
                .isEqualTo(
                        new Effect.Failed("the membership of lone in absent: role \"absent\" does not exist (42704)"));
        assertThat(ask("postgres", "select count(*)::text from pg_roles where rolname = 'lone'"))
                .isEqualTo("0");
    }

    @Test
    void filesRunOnceInTheOrderOfTheirNamesOnTheirDatabase() throws Exception {
        Path files = Files.createDirectory(directory.resolve("sql"));
        Files.createDirectory(files.resolve("..data.sql"));
        Files.writeString(files.resolve("10-table.sql"), """
                create table log (what text); -- a comment; with a semicolon
                create function noted(text) returns void language plpgsql as $body$
                  begin insert into log values ($1); end; $body$;
                create function twice(x int) returns int language sql begin atomic select x * 2; end;
                """);
        Files.writeString(files.resolve("20-rows.sql"), "select noted('twenty ? {fn now()}'); set role pg_monitor;");
        Files.writeString(files.resolve("readme.txt"), "no SQL");
        Path last = script("last.sql", "select noted('last')");
        String scripts = "ordered=" + files + "\nordered=" + last;

        assertThat(make("", "ordered", scripts)).isEqualTo(new Effect.Changed());
        assertThat(make("", "ordered", scripts)).isEqualTo(new Effect.Unchanged());

        assertThat(ask("ordered", "select string_agg(what, '|') from log")).isEqualTo("twenty ? {fn now()}|last");
        assertThat(ask("ordered", "select twice(4)::text")).isEqualTo("8");
        assertThat(ask("ordered", "select count(ended)::text from pgpod.bootstrap_sql"))
                .isEqualTo("3");
    }

    @Test
    void aFileThatFailsLeavesNothingAndIsRunWhenItIsMended() throws Exception {
        Path first = script("1.sql", "create table kept (i int);");
        Path broken = script("2.sql", "create table lost (i int);\n\n-- ä\ninsert into kepd values (1);\n");
        String scripts = "broken=" + first + "\nbroken=" + broken;

        assertThat(make("", "broken", scripts))
                .isEqualTo(
                        new Effect.Failed("broken=" + broken + ": line 4: relation \"kepd\" does not exist (42P01)"));
        assertThat(ask("broken", "select count(*)::text from pg_tables where tablename in ('kept', 'lost')"))
                .isEqualTo("1");

        script("2.sql", "create table lost (i int); insert into kept values (1);");
        assertThat(make("", "broken", scripts)).isEqualTo(new Effect.Changed());
        assertThat(ask("broken", "select count(*)::text from kept")).isEqualTo("1");
    }

    @Test
    void aFileThatEndsItsTransactionIsRefusedAndNeverRunTwice() throws Exception {
        Path file = script("commits.sql", "create table half (i int); insert into half values (1); commit; select 1");

        assertThat(make("", "halves", "halves=" + file))
                .isInstanceOfSatisfying(
                        Effect.Failed.class,
                        failed -> assertThat(failed.reason()).contains("it begins or ends a transaction"));
        assertThat(make("", "halves", "halves=" + file))
                .isInstanceOfSatisfying(
                        Effect.Failed.class,
                        failed -> assertThat(failed.reason()).contains("part of it has run", "pgpod.bootstrap_sql"));
        assertThat(ask("halves", "select count(*)::text from half")).isEqualTo("1");
    }

    @Test
    void whatCannotRunInATransactionSaysSo() throws Exception {
        Path file = script("vacuum.sql", "vacuum");
        assertThat(make("", "plain", "plain=" + file))
                .isInstanceOfSatisfying(
                        Effect.Failed.class,
                        failed -> assertThat(failed.reason()).contains("VACUUM cannot run inside a transaction block"));
    }

    @Test
    void linesThatSayNothingSensibleAreRefused() {
        for (String role : new String[] {
            "postgres",
            "pg_mine",
            "pgpod_x",
            "a b",
            "a connections=-1",
            "a nologin login",
            "a memberOf=",
            "\"a\"",
            "a;b"
        }) {
            assertThatThrownBy(() -> InitialContent.roles(role)).as(role).isInstanceOf(IllegalArgumentException.class);
        }
        for (String database : new String[] {"a owner", "a owner=", "a locale=x'y", "a colour=red", "a'"}) {
            assertThatThrownBy(() -> InitialContent.databases(database))
                    .as(database)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String script : new String[] {"/path", "=x", "db=relative.sql", "d b=/x"}) {
            assertThatThrownBy(() -> InitialContent.scripts(script))
                    .as(script)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(new InitialContent(
                                InitialContent.roles("a\na nologin"),
                                InitialContent.databases("d\nd"),
                                InitialContent.scripts("d=/x\nd=/x"),
                                Path.of("/p"))
                        .problems())
                .containsExactly(
                        "haAgent.bootstrapRoles: 'a' is named twice",
                        "haAgent.bootstrapDatabases: 'd' is named twice",
                        "haAgent.bootstrapSql: 'd=/x' is named twice");
    }
}
