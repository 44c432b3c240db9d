package org.pgpod.logshipper.sink;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;
import org.pgpod.logshipper.sink.CopyRows.Refused;
import org.pgpod.logshipper.sink.SourceClaim.Standing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of one source. A batch's rows and positions are committed together, and only while this shipper's epoch is the
 * source's. Used by one thread, except {@link #abort}.
 *
 * <p>A batch whose commit was not confirmed is settled by opening the store again: {@link #open} ends what is left of
 * earlier sessions and waits for the source's row, so that the positions it then reads are final.
 */
public final class PostgresStore implements LogSink {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresStore.class);
    private static final String DUPLICATE_KEY = "23505";

    private final StoreSettings settings;
    private final Source source;
    private final SourceClaim claim;
    private volatile @Nullable Session session;

    /** Whether the store refused values of the batch under way, so that its rows are to be told apart. */
    private boolean refused;

    public PostgresStore(StoreSettings settings, Source source) {
        this.settings = settings;
        this.source = source;
        this.claim = new SourceClaim(source);
    }

    /** A connection with what works on it. */
    private record Session(Connection connection, CopyRows rows, FilePositions files, Partitions partitions) {}

    /** Connects, takes the source over at the first time, and reads how far each file is stored. */
    @Override
    public Opening open() {
        close();
        try {
            Connection connection = DriverManager.getConnection(
                    settings.url(), settings.properties("pgpod log-shipper " + source.id()));
            Session opened = new Session(
                    connection,
                    new CopyRows(connection),
                    new FilePositions(connection, claim.sourceId()),
                    new Partitions(connection, settings.retentionDays()));
            session = opened;
            StoreSchema.migrate(connection);
            opened.partitions().maintain();
            Opening opening = takeSource(opened);
            if (opening instanceof Opening.Fenced) {
                close();
            }
            return opening;
        } catch (SQLException failed) {
            close();
            return new Opening.Closed(String.valueOf(failed.getMessage()), state(failed));
        } catch (IOException failed) {
            close();
            return new Opening.Closed(String.valueOf(failed.getMessage()), "configuration");
        }
    }

    private Opening takeSource(Session opened) throws SQLException {
        Connection connection = opened.connection();
        if (claim.standing(connection) instanceof Standing.Superseded younger) {
            return new Opening.Fenced(younger.epoch());
        }
        SourceClaim.endEarlierSessions(connection);
        connection.setAutoCommit(false);
        claim.insert(connection);
        Standing standing = claim.lock(connection);
        if (standing instanceof Standing.Superseded younger) {
            return new Opening.Fenced(younger.epoch());
        }
        long epoch = standing instanceof Standing.Held ? claim.epoch() : claim.claim(connection);
        List<FileState> files = opened.files().read();
        connection.commit();
        connection.setAutoCommit(true);
        claim.claimed(epoch);
        return new Opening.Opened(epoch, files);
    }

    /** Stores a batch. The store must be open. */
    @Override
    public Delivery deliver(Batch batch) {
        Session open = session;
        if (open == null) {
            return new Delivery.Retry("the store is not open", "network");
        }
        try {
            open.partitions().make(batch.days());
            Delivery delivery = store(open, batch);
            if (!(delivery instanceof Delivery.Stored)) {
                close();
            }
            return delivery;
        } catch (SQLException failed) {
            close();
            refused |= CopyRows.aboutTheData(failed);
            return DUPLICATE_KEY.equals(failed.getSQLState())
                    ? new Delivery.Diverged(String.valueOf(failed.getMessage()))
                    : new Delivery.Retry(String.valueOf(failed.getMessage()), state(failed));
        }
    }

    private Delivery store(Session open, Batch batch) throws SQLException {
        Connection connection = open.connection();
        connection.setAutoCommit(false);
        return switch (claim.lock(connection)) {
            case Standing.Superseded younger -> new Delivery.Fenced(younger.epoch());
            case Standing.Unclaimed unknown -> new Delivery.Diverged("the store does not know this shipper's claim");
            case Standing.Held held -> storeHeld(open, batch);
        };
    }

    private Delivery storeHeld(Session open, Batch batch) throws SQLException {
        Connection connection = open.connection();
        int deadLetters = 0;
        for (Table table : Table.values()) {
            if (refused) {
                deadLetters += copyAcceptable(open, table, batch);
            } else {
                open.rows().copy(table, batch.rows(table));
            }
        }
        if (!open.files().advance(batch.advances())) {
            return new Delivery.Diverged("a file's stored position is not the one that the batch continues from");
        }
        connection.commit();
        connection.setAutoCommit(true);
        refused = false;
        batch.countDeadLetters(Verdict.REFUSED, deadLetters);
        return new Delivery.Stored();
    }

    /** Copies what the store takes; the other rows become dead letters. Returns how many. */
    private int copyAcceptable(Session open, Table table, Batch batch) throws SQLException {
        List<Refused> rows = open.rows().copyAcceptable(table, batch.rows(table));
        for (Refused row : rows) {
            LOG.error("row refused by the store table={} reason={}", table.sqlName(), row.reason());
            keepRefused(open.connection(), batch.advances().getFirst(), table, row);
        }
        return rows.size();
    }

    // A row does not know its place in the file any more: the letter names where the batch begins.
    private void keepRefused(Connection connection, Advance near, Table table, Refused refused) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO pgpod_logs.dead_letter (log_time, cluster, namespace, pod, node, source_id, stream,"
                        + " file_number, file_name, position, length, reason, raw)"
                        + " VALUES (now(), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            claim.setPlace(statement, 1);
            statement.setObject(5, claim.sourceId());
            statement.setString(6, table.sqlName());
            statement.setInt(7, near.state().number());
            statement.setString(8, near.state().name());
            statement.setLong(9, near.from());
            statement.setLong(10, refused.row().length);
            statement.setString(11, Verdict.REFUSED.label() + ": " + refused.reason());
            statement.setBytes(12, refused.row());
            statement.executeUpdate();
        }
    }

    /**
     * Keeps the store in order while nothing is to be delivered: partitions, retention, files gone long ago.
     *
     * @param present the numbers of the files that are there
     */
    @Override
    public void maintain(Collection<Integer> present) {
        Session open = session;
        if (open == null) {
            return;
        }
        try {
            open.partitions().maintain();
            open.files().forgetGone(present);
        } catch (SQLException failed) {
            LOG.warn("store not maintained state={}", failed.getSQLState(), failed);
            close();
        }
    }

    /** Whether the connection is open and answers; one that does not is closed. */
    @Override
    public boolean answers() {
        Session open = session;
        try {
            if (open != null
                    && open.connection().isValid((int) settings.timeout().toSeconds())) {
                return true;
            }
        } catch (SQLException failed) {
            LOG.debug("connection cannot be asked", failed);
        }
        close();
        return false;
    }

    private static String state(SQLException failed) {
        String state = failed.getSQLState();
        return state == null || state.startsWith("08") ? "network" : state;
    }

    /** Closes the connection; a transaction under way is rolled back. */
    @Override
    public void close() {
        Session open = session;
        session = null;
        if (open != null) {
            try {
                open.connection().close();
            } catch (SQLException alreadyBroken) {
                LOG.debug("connection not closed in order", alreadyBroken);
            }
        }
    }

    /** Cuts the connection from another thread, so that a call that waits for the server ends. */
    @Override
    public void abort() {
        Session open = session;
        if (open != null) {
            try {
                open.connection().abort(Runnable::run);
            } catch (SQLException alreadyBroken) {
                LOG.debug("connection not aborted", alreadyBroken);
            }
        }
    }
}
