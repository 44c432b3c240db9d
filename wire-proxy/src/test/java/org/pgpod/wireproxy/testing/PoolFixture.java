package org.pgpod.wireproxy.testing;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.pgpod.core.testing.PostgresServer;

/** A server and a proxy whose clients share server connections; the role {@code app} has the password {@code p}. */
public final class PoolFixture implements AutoCloseable {
    public static final String ROLE = "app";
    public static final String PASSWORD = "p";

    private final PostgresServer postgres;
    private final ProxyFixture proxy;

    private PoolFixture(PostgresServer postgres, ProxyFixture proxy) {
        this.postgres = postgres;
        this.proxy = proxy;
    }

    /** One event loop, so that the sizes of pools are exact, and a standby's token, which has no end. */
    public static PoolFixture start(String mode, Map<String, String> options) throws IOException {
        return start(PostgresServer.start(), mode, options);
    }

    public static PoolFixture start(PostgresServer postgres, String mode, Map<String, String> options)
            throws IOException {
        VerifierSource.prepare(postgres);
        postgres.execute("set password_encryption = 'scram-sha-256'; create role " + ROLE
                + " superuser login password '" + PASSWORD + "'");
        Map<String, String> all = new HashMap<>(
                Map.of("clientTls", "allowed", "clientAuthentication", "scram", "eventLoops", "1", "pooling", mode));
        all.putAll(options);
        ProxyFixture proxy = ProxyFixture.start(postgres, all);
        return new PoolFixture(postgres, proxy);
    }

    public PostgresServer postgres() {
        return postgres;
    }

    public ProxyFixture proxy() {
        return proxy;
    }

    public Connection connect(Map<String, String> properties) throws SQLException {
        Map<String, String> all = new HashMap<>(Map.of("user", ROLE, "password", PASSWORD));
        all.putAll(properties);
        return proxy.connect(all);
    }

    public Connection connect() throws SQLException {
        return connect(Map.of());
    }

    public RawClient raw() throws IOException {
        return RawClient.connect(proxy.port()).login(ROLE, PASSWORD);
    }

    /** The one value of a query. */
    public static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        proxy.close();
        postgres.close();
    }
}
