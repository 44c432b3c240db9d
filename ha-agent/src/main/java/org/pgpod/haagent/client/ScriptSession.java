package org.pgpod.haagent.client;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.pgpod.core.pod.Credential;

/**
 * Opens short connections of one role to any database of the local Postgres. A text goes to the server as it is, in one
 * message, so that the server alone says where one statement ends, and the position of an error counts in the whole text.
 */
public final class ScriptSession {
    private static final String CONNECT_SECONDS = "10";

    private final String host;
    private final int port;
    private final String role;
    private final Credential credential;

    public ScriptSession(String host, int port, String role, Credential credential) {
        this.host = host;
        this.port = port;
        this.role = role;
        this.credential = credential;
    }

    /** A connection that gives up on an answer after {@code limit}; the caller closes it. */
    public Connection open(String database, Duration limit) throws SQLException, IOException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", credential.read());
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("loginTimeout", CONNECT_SECONDS);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", "ha-agent bootstrap");
        properties.setProperty("preferQueryMode", "simple");
        // Standbys copy the whole cluster afterwards: there is none yet that a commit could wait for.
        properties.setProperty("options", "-c synchronous_commit=local");
        Connection connection =
                DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
        connection.setNetworkTimeout(Runnable::run, (int) Math.min(Integer.MAX_VALUE, limit.toMillis()));
        return connection;
    }
}
