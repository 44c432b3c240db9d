package org.pgpod.exporter.loop;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.collect.Session;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Board;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.Server;

/**
 * One collection of all cheap collectors that are due: one round trip on one kept connection. A collector whose last run
 * failed is kept out of it and runs alone until it is well, because statements of one round trip fail together.
 */
final class CheapCollection implements SharedRun.Work {
    // A server that says nothing for longer than the queries of one round trip may take is given up with its
    // connection.
    private static final Duration SILENCE_LEAST = Duration.ofSeconds(10);
    private static final Duration SILENCE_MOST = Duration.ofSeconds(30);

    private static final int ROUNDS_MAX = 2;

    private final ServerLogin login;
    private final Supplier<Optional<String>> silence;
    private final Catalog catalog;
    private final SharedBoard board;
    private final Duration budget;
    private final LongSupplier clockMillis;
    private final Counters counters;

    // Used by the one run under way, and by stop() after it.
    private @Nullable Session kept;

    /**
     * A collection.
     *
     * @param silence says that logins are not answered at present, which is a reason to try none
     * @param budget the most time that collectors which fail may take together
     */
    CheapCollection(
            ServerLogin login,
            Supplier<Optional<String>> silence,
            Catalog catalog,
            SharedBoard board,
            Duration budget,
            LongSupplier clockMillis,
            Counters counters) {
        this.login = login;
        this.silence = silence;
        this.catalog = catalog;
        this.board = board;
        this.budget = budget;
        this.clockMillis = clockMillis;
        this.counters = counters;
    }

    private static Duration silenceMax(Duration timeouts) {
        if (timeouts.compareTo(SILENCE_LEAST) < 0) {
            return SILENCE_LEAST;
        }
        return timeouts.compareTo(SILENCE_MOST) > 0 ? SILENCE_MOST : timeouts;
    }

    @Override
    public void run(Runnable enough) {
        counters.count(OwnMetric.COLLECTIONS);
        boolean hadSession = kept != null;
        try {
            collect(session(), enough);
        } catch (SQLException ended) {
            close();
            if (hadSession) {
                collectAnew(enough);
            } else {
                board.unreachable(SessionFailure.describe(ended));
            }
        }
    }

    /** A kept connection may have ended with an earlier life of the server: one new one shows how it is now. */
    private void collectAnew(Runnable enough) {
        try {
            collect(session(), enough);
        } catch (SQLException ended) {
            close();
            board.unreachable(SessionFailure.describe(ended));
        }
    }

    private Session session() throws SQLException {
        Session session = kept;
        if (session == null) {
            // Each login that is not answered occupies one of the server's connections for up to a minute.
            Optional<String> silent = silence.get();
            if (silent.isPresent()) {
                throw new SQLException(silent.get());
            }
            counters.count(OwnMetric.LOGINS);
            session = Session.open(login, silenceMax(catalog.timeoutSum(Cadence.SCRAPE)));
            kept = session;
        }
        return session;
    }

    /** Throws only when the session has ended. */
    private void collect(Session session, Runnable enough) throws SQLException {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            Server before = session.server();
            List<Collector> failing = collectWell(session);
            board.answering(session.server());
            // No scrape waits for what was slow or failed before.
            enough.run();
            alone(session, failing);
            // Promoted in between: what only the new role has is due now.
            if (session.server().equals(before)) {
                return;
            }
        }
    }

    /** Runs those that are due and ran well before; returns those that are due and did not. */
    private List<Collector> collectWell(Session session) throws SQLException {
        long now = clockMillis.getAsLong();
        Board current = board.now();
        List<Collector> due = catalog.applicable(Cadence.SCRAPE, session.server()).stream()
                .filter(collector -> current.family(collector).dueAt(now, collector.ttl()))
                .toList();
        List<Collector> well = due.stream()
                .filter(collector -> current.family(collector).failure().isEmpty())
                .toList();
        if (!together(session, well, now)) {
            session.ask();
            alone(session, well);
        }
        return due.stream().filter(collector -> !well.contains(collector)).toList();
    }

    private boolean together(Session session, List<Collector> collectors, long startedAtMillis) throws SQLException {
        try {
            Map<Collector, Collected> results = session.runTogether(collectors);
            results.forEach((collector, result) -> board.succeeded(collector, result, startedAtMillis));
            return true;
        } catch (SQLException failed) {
            if (SessionFailure.endsSession(failed)) {
                throw failed;
            }
            return false;
        }
    }

    /**
     * Runs collectors one after the other, the one that waits longest first: what does not fit into the budget is left for
     * the next collection, ages meanwhile, and then has its turn.
     */
    private void alone(Session session, List<Collector> collectors) throws SQLException {
        long deadlineMillis = clockMillis.getAsLong() + budget.toMillis();
        Board current = board.now();
        List<Collector> longestWaitFirst = collectors.stream()
                .sorted(Comparator.comparingLong(
                        collector -> current.family(collector).triedAtMillis()))
                .toList();
        for (Collector collector : longestWaitFirst) {
            long now = clockMillis.getAsLong();
            if (now < deadlineMillis && collector.sqlFor(session.server()).isPresent()) {
                Runs.run(session, collector, board, now);
            }
        }
    }

    /** Ends the kept connection; the next run opens a new one. */
    void close() {
        Session session = kept;
        kept = null;
        if (session != null) {
            session.close();
        }
    }
}
