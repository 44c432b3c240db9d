package org.pgpod.exporter.collect;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;

/**
 * What one run of a collector brings from one database after the other; one in which it fails is skipped and counted. Not
 * for several threads at once.
 */
public final class Gathering {
    private final Collector collector;
    private final ResultReader reader;
    private boolean succeeded;
    private boolean found;
    private int skipped;
    private @Nullable SQLException lastFailure;

    public Gathering(Collector collector) {
        this.collector = collector;
        this.reader = new ResultReader(collector);
    }

    public Collector collector() {
        return collector;
    }

    /** Whether it has something to read in this database. */
    public boolean wants(String database) {
        return switch (collector.scope().reach()) {
            case SERVER -> database.equals(ServerLogin.DATABASE);
            case ONE -> !found;
            case EVERY -> collector.scope().databases().match(database);
        };
    }

    /** Reads in the database of a session; throws only when the session has ended. */
    public void from(Session session) throws SQLException {
        if (collector.sqlFor(session.server()).isEmpty()) {
            return;
        }
        try {
            Optional<Integer> skippedItems = session.read(collector, reader);
            found |= skippedItems.isPresent();
            skipped += skippedItems.orElse(0);
            succeeded = true;
        } catch (SQLException failed) {
            if (SessionFailure.endsSession(failed)) {
                throw failed;
            }
            skip(failed);
        }
    }

    /** Counts a database that could not be read. */
    public void skip(SQLException failure) {
        skipped++;
        lastFailure = failure;
    }

    /** What was gathered; throws the last failure when no database could be read. */
    public Collected collected() throws SQLException {
        SQLException failure = lastFailure;
        if (failure != null && !succeeded) {
            throw failure;
        }
        return reader.collected(skipped);
    }
}
