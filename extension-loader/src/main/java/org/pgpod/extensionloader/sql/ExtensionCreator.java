package org.pgpod.extensionloader.sql;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.Credential;
import org.pgpod.extensionloader.model.DesiredExtension;

/**
 * Creates an extension in one database, or updates it to the version whose files are loaded, in one transaction.
 *
 * <p>It never waits long for a lock, and resolves names in {@code pg_catalog} and the wanted schema only.
 */
public final class ExtensionCreator {
    /** The role it connects as; {@code CREATE EXTENSION} of most extensions needs a superuser. */
    public static final String ROLE = "pgpod_loader";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final String VERSIONS = "SELECT a.default_version, e.extversion"
            + " FROM pg_catalog.pg_available_extensions a"
            + " LEFT JOIN pg_catalog.pg_extension e ON e.extname OPERATOR(pg_catalog.=) a.name"
            + " WHERE a.name OPERATOR(pg_catalog.=) ?::pg_catalog.name";

    private final Server server;
    private final Credential password;

    /** Where Postgres itself listens, and how long statements may wait and run. */
    public record Server(String host, int port, Duration lockTimeout, Duration statementTimeout) {}

    /** What was done. */
    public enum Outcome {
        CREATED,
        UPDATED,
        PRESENT
    }

    public ExtensionCreator(Server server, Credential password) {
        this.server = server;
        this.password = password;
    }

    /** Makes {@code extension} exist in {@code database} at the version that is loaded. */
    public Outcome ensure(DesiredExtension extension, String database) throws IOException, SQLException {
        try (Connection connection = connect(database)) {
            // Not a start-up option: that would become the session's reset value, which some scripts make the
            // database's own.
            execute(connection, "SET search_path = pg_catalog");
            connection.setAutoCommit(false);
            Versions versions = versions(connection, extension.name());
            if (versions.installed() == null) {
                execute(connection, "SET LOCAL search_path = " + quoted(extension.schema()));
                execute(connection, "CREATE EXTENSION IF NOT EXISTS " + quoted(extension.name()) + " CASCADE");
                connection.commit();
                return Outcome.CREATED;
            }
            if (versions.available() == null || versions.available().equals(versions.installed())) {
                return Outcome.PRESENT;
            }
            execute(connection, "ALTER EXTENSION " + quoted(extension.name()) + " UPDATE");
            connection.commit();
            return Outcome.UPDATED;
        }
    }

    private record Versions(
            @Nullable String available, @Nullable String installed) {}

    private static Versions versions(Connection connection, String extension) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(VERSIONS)) {
            statement.setString(1, extension);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("the server does not see extension " + extension
                            + ": it was not started from the relocated tree");
                }
                return new Versions(rows.getString(1), rows.getString(2));
            }
        }
    }

    private Connection connect(String database) throws IOException, SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", ROLE);
        properties.setProperty("password", password.read());
        properties.setProperty("ApplicationName", "pgpod-extension-loader");
        properties.setProperty("sslmode", "disable");
        properties.setProperty("connectTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
        properties.setProperty(
                "socketTimeout",
                Long.toString(server.statementTimeout().plus(CONNECT_TIMEOUT).toSeconds()));
        properties.setProperty(
                "options",
                "-c lock_timeout="
                        + server.lockTimeout().toMillis() + " -c statement_timeout="
                        + server.statementTimeout().toMillis());
        String name = URLEncoder.encode(database, StandardCharsets.UTF_8);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + name, properties);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
