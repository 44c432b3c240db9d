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
import java.util.Optional;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Scope;
import org.pgpod.exporter.model.Server;

/** One connection to Postgres that runs collectors. Not for several threads at once. */
public final class Session implements AutoCloseable {
    /** More values of {@code each} are left out. */
    public static final int ITEMS_MAX = 10_000;

    private static final String ROLE = "SELECT pg_is_in_recovery()";
    private static final String EXTENSION =
            "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace"
                    + " WHERE extname = ?";

    // A connection limit of -2 marks a database that an interrupted DROP DATABASE left behind.
    private static final String DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
            + " AND datconnlimit <> -2 AND has_database_privilege(oid, 'CONNECT') ORDER BY datname";
    private static final int ROWS_AT_ONCE = 1_000;
    private static final String ITEM = "$1";
    private static final String SEPARATOR = ";\n";

    private final Connection connection;
    private Server server;

    private Session(Connection connection, Server server) {
        this.connection = connection;
        this.server = server;
    }

    /** Logs in to the database that every server has and asks what the server is. */
    public static Session open(ServerLogin login, Duration silence) throws SQLException {
        return open(login, ServerLogin.DATABASE, silence);
    }

    /** Logs in to a database and asks what the server is. */
    public static Session open(ServerLogin login, String database, Duration silence) throws SQLException {
        Connection connection = login.open(database, silence);
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
                        new ResultReader(collector)
                                .add(results.next(), server.major())
                                .collected(0));
            }
            server = server.as(role);
        }
        return collected;
    }

    /** Runs one collector by itself, once for each of its items if it has any; an item that fails is skipped. */
    public Collected run(Collector collector) throws SQLException {
        Gathering gathering = new Gathering(collector);
        gathering.from(this);
        return gathering.collected();
    }

    /**
     * Adds what a collector reads in this database and says how many of its items were skipped; empty when the database
     * lacks the collector's extension.
     */
    Optional<Integer> read(Collector collector, ResultReader reader) throws SQLException {
        Optional<String> extension = collector.scope().extension();
        Optional<String> schema = extension.isEmpty() ? Optional.of("") : schemaOf(extension.get());
        return schema.isEmpty() ? Optional.empty() : Optional.of(read(collector, schema.get(), reader));
    }

    /** Returns how many items were skipped. */
    private int read(Collector collector, String schema, ResultReader reader) throws SQLException {
        String sql = collector.sqlFor(server).orElseThrow().replace(Scope.SCHEMA, schema);
        execute(setTimeout(collector.timeout()));
        if (collector.each().isPresent()) {
            return readEach(sql, items(collector.each().get().replace(Scope.SCHEMA, schema)), reader);
        }
        readPortions(sql, rowsMax(List.of(collector)), reader);
        return 0;
    }

    /** The schema of an extension, quoted; empty when this database does not have it. */
    private Optional<String> schemaOf(String extension) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EXTENSION)) {
            statement.setString(1, extension);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
            }
        }
    }

    // Rows come in portions only inside a transaction; without portions, all of them would be in memory at once.
    private void readPortions(String sql, int rowsMax, ResultReader reader) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setMaxRows(rowsMax);
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet result = statement.executeQuery()) {
                reader.add(result, server.major());
            }
            connection.commit();
        } catch (SQLException failed) {
            if (!SessionFailure.endsSession(failed)) {
                connection.rollback();
            }
            throw failed;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** The names of the databases that allow connections to this role and are no templates. */
    public List<String> databases() throws SQLException {
        return items(DATABASES);
    }

    private int readEach(String sql, List<String> items, ResultReader reader) throws SQLException {
        int skipped = 0;
        SQLException last = null;
        try (PreparedStatement statement = connection.prepareStatement(sql.replace(ITEM, "?"))) {
            int places = statement.getParameterMetaData().getParameterCount();
            for (String item : items) {
                for (int place = 1; place <= places; place++) {
                    statement.setString(place, item);
                }
                try (ResultSet result = statement.executeQuery()) {
                    reader.add(result, server.major());
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
