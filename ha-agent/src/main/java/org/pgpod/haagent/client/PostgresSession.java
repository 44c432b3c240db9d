package org.pgpod.haagent.client;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.model.port.Reading;

/**
 * A kept connection of one role to the local Postgres, used by one caller at a time. Every wait has a limit on both
 * sides: of the socket here, of the statement there; a connection that failed is closed and made anew by the next call.
 */
public final class PostgresSession implements AutoCloseable {
    private static final String DATABASE = "postgres";
    private static final int CONNECT_SECONDS = 2;

    /** Class 28 of SQLSTATE. */
    private static final String INVALID_AUTHORIZATION = "28";

    /** The server ends its part a little earlier, so that a slow statement shows as an error and not as a dead socket. */
    private static final long SOCKET_MARGIN_MILLIS = 500;

    private final String host;
    private final int port;
    private final String role;
    private final String database;
    private final Credential credential;

    // Guards the connection: one caller at a time.
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Connection connection;
    private long statementTimeoutMillis;
    private volatile boolean loginRefused;

    public PostgresSession(String host, int port, String role, Credential credential) {
        this(host, port, role, credential, DATABASE);
    }

    /** The same in another database than the agent's own. */
    public PostgresSession(String host, int port, String role, Credential credential, String database) {
        this.host = host;
        this.port = port;
        this.role = role;
        this.database = database;
        this.credential = credential;
    }

    /** Something to do with a connection. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Whether the last attempt to connect ended because the server does not take this role or its password. */
    public boolean loginRefused() {
        return loginRefused;
    }

    /** Runs {@code work}; a failure of any kind is a value. */
    public <T> Reading<T> run(Duration timeout, Work<T> work) {
        try {
            if (!lock.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return Reading.failed("the connection of " + role + " is busy");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Reading.failed("interrupted");
        }
        try {
            return Reading.of(work.run(open(timeout)));
        } catch (SQLException failed) {
            drop();
            return Reading.failed(describe(failed));
        } catch (IOException noPassword) {
            return Reading.failed(String.valueOf(noPassword.getMessage()));
        } finally {
            lock.unlock();
        }
    }

    private Connection open(Duration timeout) throws SQLException, IOException {
        Connection current = connection;
        if (current == null) {
            current = connect();
            connection = current;
            statementTimeoutMillis = 0;
        }
        if (statementTimeoutMillis != timeout.toMillis()) {
            current.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis() + SOCKET_MARGIN_MILLIS));
            try (var statement = current.createStatement()) {
                statement.execute("set statement_timeout = " + timeout.toMillis());
            }
            statementTimeoutMillis = timeout.toMillis();
        }
        return current;
    }

    private Connection connect() throws SQLException, IOException {
        loginRefused = false;
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", credential.read());
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(CONNECT_SECONDS));
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", "ha-agent");
        // Nothing that a schema of somebody else's holds may stand in for a function of the catalog.
        // What the agent writes is made again wherever it is missing: it must not wait for the standbys that it
        // manages.
        properties.setProperty(
                "options", "-c search_path=pg_catalog,pg_temp -c lock_timeout=5000 -c synchronous_commit=local");
        String url =
                "jdbc:postgresql://" + host + ":" + port + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8);
        try {
            return DriverManager.getConnection(url, properties);
        } catch (SQLException failed) {
            loginRefused = failed.getSQLState() != null && failed.getSQLState().startsWith(INVALID_AUTHORIZATION);
            throw failed;
        }
    }

    private String describe(SQLException failed) {
        String state = failed.getSQLState() == null ? "" : " (" + failed.getSQLState() + ")";
        return role + ": " + failed.getMessage() + state;
    }

    private void drop() {
        Connection broken = connection;
        connection = null;
        if (broken != null) {
            try {
                broken.close();
            } catch (SQLException alreadyGone) {
                // It failed before; nothing else can be done with it.
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            drop();
        } finally {
            lock.unlock();
        }
    }
}
