package org.pgpod.haagent.act;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.Hook;

/** Runs a file of SQL over a connection of its own, which is broken off to end it. */
final class HookSql implements HookRunner.Attempt {
    private static final int FILE_BYTES_MAX = 1_048_576;
    private static final String CONNECT_SECONDS = "5";

    private final Hook.Work.Sql sql;
    private final HookRunner.Login login;
    private final Hook.Event event;
    private final Duration timeout;
    private final AtomicReference<@Nullable Connection> open = new AtomicReference<>();

    HookSql(Hook.Work.Sql sql, HookRunner.Login login, Hook.Event event, Duration timeout) {
        this.sql = sql;
        this.login = login;
        this.event = event;
        this.timeout = timeout;
    }

    @Override
    public String run() throws IOException, SQLException {
        String text = SmallFile.read(Path.of(sql.file()), FILE_BYTES_MAX);
        try (Connection connection = DriverManager.getConnection(
                "jdbc:postgresql://" + login.host() + ":" + login.port() + "/", properties())) {
            open.set(connection);
            try (Statement statement = connection.createStatement()) {
                refuseOtherRole(statement);
                statement.execute(text);
                return "ran " + sql.file() + " in " + sql.database();
            }
        } finally {
            open.set(null);
        }
    }

    /** What is meant for a primary must not fail halfway on a server that is none any more. */
    private void refuseOtherRole(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select pg_catalog.pg_is_in_recovery()")) {
            boolean recovering = row.next() && row.getBoolean(1);
            if (recovering && event == Hook.Event.PRIMARY) {
                throw new SQLException("this server is not the primary any more");
            }
        }
    }

    private Properties properties() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("user", login.role());
        properties.setProperty("password", login.credential().read());
        properties.setProperty("PGDBNAME", sql.database());
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", "pgpod hook");
        // The server ends it by itself if this agent does not live to do so.
        properties.setProperty("options", "-c statement_timeout=" + timeout.toMillis());
        return properties;
    }

    @Override
    public void end() {
        Optional.ofNullable(open.getAndSet(null)).ifPresent(connection -> {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException gone) {
                // It is closed, which was wanted.
            }
        });
    }
}
