package org.pgpod.exporter.loop;

import java.sql.SQLException;
import org.pgpod.exporter.collect.Session;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Collector;

/** Runs a collector by itself and puts the outcome on the board. */
final class Runs {
    private Runs() {}

    /** Throws only when the session has ended. */
    static void run(Session session, Collector collector, SharedBoard board, long startedAtMillis) throws SQLException {
        try {
            board.succeeded(collector, session.run(collector), startedAtMillis);
        } catch (SQLException failed) {
            if (SessionFailure.endsSession(failed)) {
                throw failed;
            }
            board.failed(collector, SessionFailure.describe(failed), startedAtMillis);
        }
    }
}
