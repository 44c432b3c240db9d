package org.pgpod.exporter.collect;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.pgpod.core.pod.Credential;

/**
 * Opens connections that cannot hurt the server: read-only, every wait bounded by the server itself, plans without JIT,
 * names resolved in pg_catalog alone. The password is read anew for each.
 */
public final class ServerLogin {
    /** How sessions of the exporter show in pg_stat_activity. */
    public static final String APPLICATION_NAME = "pgpod_exporter";

    /** How long a query may wait for a lock. */
    public static final Duration LOCK_TIMEOUT = Duration.ofMillis(100);

    /** The database that every server has, in which all that is not of one database is read. */
    public static final String DATABASE = "postgres";

    private static final String LIMITS = String.join(
            " ",
            "-c statement_timeout=5000",
            "-c lock_timeout=" + LOCK_TIMEOUT.toMillis(),
            "-c idle_in_transaction_session_timeout=10000",
            "-c default_transaction_read_only=on",
            "-c jit=off",
            "-c search_path=pg_catalog");

    private final String host;
    private final int port;
    private final String role;
    private final Credential password;

    public ServerLogin(String host, int port, String role, Credential password) {
        this.host = host;
        this.port = port;
        this.role = role;
        this.password = password;
    }

    /** Logs in to the database that every server has; see {@link #open(String, Duration)}. */
    public Connection open(Duration silence) throws SQLException {
        return open(DATABASE, silence);
    }

    /**
     * Logs in.
     *
     * @param silence a server that says nothing for this long, now or later, is given up; rounded up to seconds
     */
    public Connection open(String database, Duration silence) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", readPassword());
        properties.setProperty("ApplicationName", APPLICATION_NAME);
        properties.setProperty("options", LIMITS);
        String seconds = Long.toString((silence.toMillis() + 999) / 1_000);
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        // Values are parsed as text, the same for every type and version.
        properties.setProperty("binaryTransfer", "false");
        // The pod's own loopback: TLS would protect nothing and cost a round trip.
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("preparedStatementCacheQueries", "64");
        String path = URLEncoder.encode(database, StandardCharsets.UTF_8);
        return DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + path, properties);
    }

    private String readPassword() throws SQLException {
        try {
            return password.read();
        } catch (IOException missing) {
            throw new SQLException(missing.getMessage(), SessionFailure.INVALID_PASSWORD, missing);
        }
    }

    @Override
    public String toString() {
        return role + "@" + host + ":" + port;
    }
}
