package org.pgpod.exporter.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Server;

/** One connection to Postgres that runs collectors. Not for several threads at once. */
public final class Session implements AutoCloseable {
    /** More values of {@code each} are left out. */
    public static final int ITEMS_MAX = 10_000;

    private static final String ROLE = "SELECT pg_is_in_recovery()";
    private static final String ITEM = "$1";
    private static final String SEPARATOR = ";\n";

    private final Connection connection;
    private Server server;

    private Session(Connection connection, Server server) {
        this.connection = connection;
        this.server = server;
    }

    /** Logs in and asks what the server is. */
    public static Session open(ServerLogin login, Duration silence) throws SQLException {
        Connection connection = login.open(silence);
        try {
            var product = connection.getMetaData();
            return new Session(
                    connection,
                    new Server(
                            product.getDatabaseMajorVersion(),
                            product.getDatabaseMinorVersion(),
                            readRole(connection)));
        } catch (SQLException failed) {
            connection.close();
            throw failed;
        }
    }

    /** The server as of the last answer. */
    public Server server() {
        return server;
    }

    private static Role readRole(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(ROLE)) {
            return role(result);
        }
    }

    private static Role role(ResultSet result) throws SQLException {
        if (!result.next()) {
            throw new SQLException("the server did not say whether it is in recovery");
        }
        return result.getBoolean(1) ? Role.STANDBY : Role.PRIMARY;
    }

    /**
     * Runs collectors in one round trip, preceded by the question for the server's role. One that fails fails all: they
     * share a transaction.
     */
    public Map<Collector, Collected> runTogether(List<Collector> collectors) throws SQLException {
        List<Collector> ordered = collectors.stream()
                .sorted(Comparator.comparing(Collector::timeout).thenComparing(Collector::name))
                .toList();
        List<String> statements = new ArrayList<>(List.of(ROLE));
        Duration timeout = Duration.ZERO;
        for (Collector collector : ordered) {
            if (!collector.timeout().equals(timeout)) {
                timeout = collector.timeout();
                statements.add(setTimeout(timeout));
            }
            statements.add(collector.sqlFor(server).orElseThrow());
        }
        Map<Collector, Collected> collected = new LinkedHashMap<>();
        try (PreparedStatement together = connection.prepareStatement(String.join(SEPARATOR, statements))) {
            together.setMaxRows(rowsMax(ordered));
            Results results = new Results(together, together.execute());
            Role role = role(results.next());
            for (Collector collector : ordered) {
                collected.put(
                        collector,
                        new ResultReader(collector, server.major())
                                .add(results.next())
                                .collected(0));
            }
            server = server.as(role);
        }
        return collected;
    }

    /** Runs one collector by itself, once for each of its items if it has any; an item that fails is skipped. */
    public Collected run(Collector collector) throws SQLException {
        String sql = collector.sqlFor(server).orElseThrow();
        execute(setTimeout(collector.timeout()));
        ResultReader reader = new ResultReader(collector, server.major());
        if (collector.each().isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setMaxRows(rowsMax(List.of(collector)));
                try (ResultSet result = statement.executeQuery()) {
                    return reader.add(result).collected(0);
                }
            }
        }
        return reader.collected(runEach(sql, items(collector.each().get()), reader));
    }

    private int runEach(String sql, List<String> items, ResultReader reader) throws SQLException {
        int skipped = 0;
        SQLException last = null;
        try (PreparedStatement statement = connection.prepareStatement(sql.replace(ITEM, "?"))) {
            int places = statement.getParameterMetaData().getParameterCount();
            for (String item : items) {
                for (int place = 1; place <= places; place++) {
                    statement.setString(place, item);
                }
                try (ResultSet result = statement.executeQuery()) {
                    reader.add(result);
                } catch (SQLException failed) {
                    if (SessionFailure.endsSession(failed)) {
                        throw failed;
                    }
                    skipped++;
                    last = failed;
                }
            }
        }
        if (last != null && skipped == items.size()) {
            throw last;
        }
        return skipped;
    }

    private List<String> items(String query) throws SQLException {
        List<String> items = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setMaxRows(ITEMS_MAX);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    items.add(result.getString(1));
                }
            }
        }
        return items;
    }

    /** Asks for the role alone, which also shows whether the session is of use. */
    public Server ask() throws SQLException {
        server = server.as(readRole(connection));
        return server;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String setTimeout(Duration timeout) {
        return "SET statement_timeout = " + timeout.toMillis();
    }

    // A row makes a series or more, so rows beyond the largest budget could never be shown. One more lets them be
    // counted.
    private static int rowsMax(List<Collector> collectors) {
        return collectors.stream().mapToInt(Collector::seriesMax).max().orElse(0) + 1;
    }

    /** Walks the results of several statements, past those that return no rows. */
    private static final class Results {
        private final Statement statement;
        private boolean atRows;

        Results(Statement statement, boolean firstHasRows) {
            this.statement = statement;
            this.atRows = firstHasRows;
        }

        ResultSet next() throws SQLException {
            while (!atRows) {
                atRows = statement.getMoreResults();
                if (!atRows && statement.getUpdateCount() < 0) {
                    throw new SQLException("the server sent fewer results than there were statements");
                }
            }
            atRows = false;
            return statement.getResultSet();
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException alreadyGone) {
            // Closing is all that was wanted; a session that broke before is as closed as it can be.
            return;
        }
    }
}
