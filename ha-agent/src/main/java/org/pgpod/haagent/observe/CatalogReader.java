package org.pgpod.haagent.observe;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.model.ServerCatalog;
import org.pgpod.haagent.model.port.CatalogPort;
import org.pgpod.haagent.model.port.Reading;

/** Reads all of {@code pg_settings} over a connection of its own, so that the facts of the cluster never wait for it. */
public final class CatalogReader implements CatalogPort {
    private static final String QUERY = """
            select name, vartype, coalesce(unit, ''), coalesce(min_val, ''), coalesce(max_val, ''), enumvals, context,
                   coalesce(setting, ''), coalesce(current_setting(name, true), ''), pending_restart,
                   (extract(epoch from pg_postmaster_start_time()) * 1000)::bigint
              from pg_settings
            """;

    private final PostgresSession session;

    /** @param session a session of a role with {@code pg_read_all_settings} */
    public CatalogReader(PostgresSession session) {
        this.session = session;
    }

    @Override
    public Reading<ServerCatalog> read(Duration timeout) {
        return session.run(timeout, CatalogReader::read);
    }

    private static ServerCatalog read(Connection connection) throws SQLException {
        Map<String, ServerCatalog.Parameter> parameters = new HashMap<>();
        long startedMillis = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            while (rows.next()) {
                String name = rows.getString(1);
                startedMillis = rows.getLong(11);
                parameters.put(
                        name,
                        new ServerCatalog.Parameter(
                                name,
                                rows.getString(2),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5),
                                words(rows.getArray(6)),
                                rows.getString(7),
                                rows.getString(8),
                                rows.getString(9),
                                rows.getBoolean(10)));
            }
        }
        return new ServerCatalog(parameters, startedMillis);
    }

    private static List<String> words(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }
}
