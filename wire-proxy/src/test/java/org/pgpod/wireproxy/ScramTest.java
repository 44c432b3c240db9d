package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.VerifierSource;

/** The proxy authenticates its clients, and Postgres still decides about their roles. */
class ScramTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        VerifierSource.prepare(postgres);
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed", "clientAuthentication", "scram"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    /** Makes or changes a role, with a SCRAM password unless the statement says otherwise. */
    private static void execute(String sql) {
        postgres.execute("set password_encryption = 'scram-sha-256'; " + sql);
    }

    private static Connection connect(String role, String password) throws SQLException {
        return proxy.connect(Map.of("user", role, "password", password));
    }

    private static String failure(String role, String password) {
        try (Connection connection = connect(role, password)) {
            return "connected as " + connection.getMetaData().getUserName();
        } catch (SQLException refused) {
            return refused.getSQLState() + " " + refused.getMessage();
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void theRightPasswordIsAdmittedAndNoOther() throws SQLException {
        execute("create role app login password 'right'");
        try (Connection connection = connect("app", "right")) {
            assertThat(value(connection, "select session_user")).isEqualTo("app");
        }
        assertThat(failure("app", "wrong"))
                .startsWith("28P01")
                .contains("password authentication failed for user \"app\"");
        assertThat(failure("absent", "right"))
                .startsWith("28P01")
                .contains("password authentication failed for user \"absent\"");
        assertThat(proxy.metric("pgpod_proxy_refusals_total{reason=\"authentication\"}"))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void aChangedPasswordCountsAtOnce() throws SQLException {
        execute("create role changing login password 'one'");
        for (int i = 0; i < 5; i++) {
            execute("alter role changing password 'now" + i + "'");
            connect("changing", "now" + i).close();
            assertThat(failure("changing", "one")).startsWith("28P01");
        }
        execute("drop role changing");
        assertThat(failure("changing", "now4")).startsWith("28P01");
    }

    @Test
    void postgresDecidesWhetherARoleMayLogIn() {
        execute("create role expired login password 'p' valid until '2001-01-01'");
        execute("create role barred nologin password 'p'");
        execute("create role single login password 'p' connection limit 0");
        assertThat(failure("expired", "p")).startsWith("28P01");
        assertThat(failure("barred", "p")).startsWith("28000").contains("not permitted to log in");
        assertThat(failure("single", "p")).startsWith("53300").contains("too many connections for role");
        assertThat(failure("expired", "q")).startsWith("28P01");
    }

    @Test
    void aPasswordInAnotherFormIsAClearError() {
        postgres.execute("set password_encryption = 'md5'; create role old login password 'p'");
        assertThat(failure("old", "p"))
                .startsWith("28P01")
                .contains("not stored in the form of SCRAM-SHA-256")
                .contains("Set the password anew");
    }

    @Test
    void parametersReachTheSessionOfTheirClientOnly() throws SQLException {
        execute("create role tuned login password 'p'");
        Map<String, String> properties = Map.of(
                "user", "tuned",
                "password", "p",
                "ApplicationName", "tuned-app",
                "options", "-c search_path=evil,public -c work_mem=7MB");
        try (Connection connection = proxy.connect(properties)) {
            assertThat(value(connection, "show search_path")).isEqualTo("evil,public");
            assertThat(value(connection, "show work_mem")).isEqualTo("7MB");
            assertThat(value(connection, "select application_name from pg_stat_activity where pid = pg_backend_pid()"))
                    .isEqualTo("tuned-app");
        }
        try (Connection administrator = postgres.connect()) {
            assertThat(value(
                            administrator,
                            "select string_agg(distinct application_name || ' ' || datname, ',') from pg_stat_activity"
                                    + " where usename = 'pgpod_proxy'"))
                    .isEqualTo("wire-proxy postgres");
        }
    }

    @Test
    void aSearchPathCannotBendTheLookUp() throws SQLException {
        execute("create role bender login password 'own'");
        execute(
                "create schema evil2; create table evil2.pg_authid (rolname name, rolpassword text);"
                        + " insert into evil2.pg_authid select 'postgres', rolpassword from pg_authid where rolname = 'bender'");
        execute("alter role postgres password 'unguessable'");
        assertThatThrownBy(() -> proxy.connect(
                        Map.of("user", "postgres", "password", "own", "options", "-c search_path=evil2,pg_catalog")))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> assertThat(refused.getSQLState()).isEqualTo("28P01"));
    }

    @Test
    void aLookUpConnectionThatIsLostIsMadeAnew() throws Exception {
        execute("create role again login password 'p'");
        connect("again", "p").close();
        execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pgpod_proxy'");
        org.pgpod.core.testing.Await.until(
                "logins work again", () -> failure("again", "p").startsWith("connected"));
        postgres.restart();
        org.pgpod.core.testing.Await.until(
                "logins work again", () -> failure("again", "p").startsWith("connected"));
    }
}
