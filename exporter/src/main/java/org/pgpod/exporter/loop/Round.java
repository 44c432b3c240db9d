package org.pgpod.exporter.loop;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.pgpod.exporter.collect.DatabaseSessions;
import org.pgpod.exporter.collect.Gathering;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.collect.Session;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.DatabaseChoice;
import org.pgpod.exporter.model.Scope;

/** One run of collectors, over all databases that they reach; a database that cannot be read is skipped and counted. */
final class Round {
    private final DatabaseSessions sessions;
    private final DatabaseChoice choice;
    private final SharedBoard board;
    private final LongSupplier clockMillis;
    private final BooleanSupplier stopping;

    Round(
            DatabaseSessions sessions,
            DatabaseChoice choice,
            SharedBoard board,
            LongSupplier clockMillis,
            BooleanSupplier stopping) {
        this.sessions = sessions;
        this.choice = choice;
        this.board = board;
        this.clockMillis = clockMillis;
        this.stopping = stopping;
    }

    @FunctionalInterface
    private interface Work {
        void with(Session session) throws SQLException;
    }

    /** Runs the collectors; throws when the server is gone. */
    void run(List<Collector> collectors) throws SQLException {
        List<Collector> ofDatabases = collectors.stream()
                .filter(collector -> collector.scope().reach() != Scope.Reach.SERVER)
                .toList();
        List<String> databases = new ArrayList<>();
        in(ServerLogin.DATABASE, session -> {
            for (Collector collector : collectors) {
                if (!ofDatabases.contains(collector)) {
                    ofServer(collector, session);
                }
            }
            databases.addAll(ofDatabases.isEmpty() ? List.of() : choice.among(session.databases()));
        });
        if (!ofDatabases.isEmpty()) {
            overDatabases(ofDatabases, databases);
        }
    }

    private void ofServer(Collector collector, Session session) throws SQLException {
        if (!stopping.getAsBoolean() && collector.sqlFor(session.server()).isPresent()) {
            Runs.run(session, collector, board, clockMillis.getAsLong());
        }
    }

    private void overDatabases(List<Collector> collectors, List<String> databases) throws SQLException {
        long startedAt = clockMillis.getAsLong();
        List<Gathering> gatherings =
                collectors.stream().map(collector -> new Gathering(collector)).toList();
        for (String database : databases) {
            visit(database, gatherings);
        }
        sessions.retain(databases);
        if (!stopping.getAsBoolean()) {
            gatherings.forEach(gathering -> publish(gathering, startedAt));
        }
    }

    private void visit(String database, List<Gathering> gatherings) throws SQLException {
        List<Gathering> here = gatherings.stream()
                .filter(gathering -> gathering.wants(database))
                .toList();
        if (here.isEmpty() || stopping.getAsBoolean()) {
            return;
        }
        try {
            in(database, session -> {
                for (Gathering gathering : here) {
                    gathering.from(session);
                }
            });
        } catch (SQLException failed) {
            if (SessionFailure.endsSession(failed)) {
                throw failed;
            }
            here.forEach(gathering -> gathering.skip(failed));
        }
    }

    private void in(String database, Work work) throws SQLException {
        Session session = sessions.take(database);
        boolean well = false;
        try {
            work.with(session);
            well = true;
        } finally {
            if (well) {
                sessions.giveBack(database, session);
            } else {
                session.close();
            }
        }
    }

    private void publish(Gathering gathering, long startedAtMillis) {
        try {
            board.succeeded(gathering.collector(), gathering.collected(), startedAtMillis);
        } catch (SQLException failed) {
            board.failed(gathering.collector(), SessionFailure.describe(failed), startedAtMillis);
        }
    }
}
