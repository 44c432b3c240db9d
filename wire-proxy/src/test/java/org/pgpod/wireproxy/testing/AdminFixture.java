package org.pgpod.wireproxy.testing;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/**
 * A proxy with an admin database: {@code boss} may do everything, {@code watcher} may look, {@code expired} may not log in
 * any more; their password is {@code p}. There are the databases {@code one}, {@code two} and {@code A b}.
 */
public final class AdminFixture implements AutoCloseable {
    private final PoolFixture pool;
    private final List<Connection> open = new ArrayList<>();

    private AdminFixture(PoolFixture pool) {
        this.pool = pool;
    }

    public static AdminFixture start() throws IOException {
        PoolFixture pool = PoolFixture.start(
                "transaction",
                Map.of(
                        "eventLoops", "2",
                        "poolSize", "4",
                        "poolClientsPerUser", "20",
                        "poolClientsPerDatabase", "6",
                        "adminUsers", "boss, expired",
                        "statsUsers", "watcher"));
        pool.postgres()
                .execute("set password_encryption = 'scram-sha-256';"
                        + " create role boss login password 'p'; create role watcher login password 'p';"
                        + " create role expired login password 'p' valid until '2001-01-01'");
        for (String name : List.of("one", "two", "\"A b\"")) {
            pool.postgres().execute("create database " + name);
        }
        return new AdminFixture(pool);
    }

    public PostgresServer postgres() {
        return pool.postgres();
    }

    public ProxyFixture proxy() {
        return pool.proxy();
    }

    /** Closes what was connected. */
    public void disconnect() throws SQLException {
        while (!open.isEmpty()) {
            open.removeFirst().close();
        }
    }

    /** Closes what was connected first. */
    public void disconnectFirst() throws SQLException {
        open.removeFirst().close();
    }

    public Connection to(String database, String role, Map<String, String> more) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(Map.of("user", role, "password", "p", "sslmode", "require"));
        properties.putAll(more);
        Connection connection = DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + pool.proxy().port() + "/" + database, properties);
        open.add(connection);
        return connection;
    }

    public Connection console(String role) throws SQLException {
        return to("pgbouncer", role, Map.of("preferQueryMode", "simple"));
    }

    public Connection client(String database) throws SQLException {
        return to(database, PoolFixture.ROLE, Map.of());
    }

    public static List<Map<String, String>> rows(Connection connection, String sql) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    row.put(columns.getColumnName(i), result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    public static Map<String, String> row(Connection connection, String sql, String column, String value)
            throws SQLException {
        return rows(connection, sql).stream()
                .filter(row -> value.equals(row.get(column)))
                .findFirst()
                .orElse(Map.of());
    }

    public String psql(String role, String... commands) {
        List<String> call = new ArrayList<>(List.of(
                "env",
                "PGPASSWORD=p",
                PostgresServer.PROGRAMS.resolve("psql").toString(),
                "-XAt",
                pool.proxy().libpq("").replace("user=postgres dbname=postgres", "user=" + role + " dbname=pgbouncer")));
        for (String command : commands) {
            call.addAll(List.of("-c", command));
        }
        return Unprivileged.run(call);
    }

    @Override
    public void close() {
        pool.close();
    }
}
