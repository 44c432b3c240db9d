package org.pgpod.exporter.loop;

import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.catalog.Choice;
import org.pgpod.exporter.collect.DatabaseSessions;
import org.pgpod.exporter.collect.Gathering;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.collect.Session;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.DatabaseChoice;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Scope;
import org.pgpod.exporter.model.Server;

/** Runs every collector once, as the exporter would, and says of each what it brought or why there is nothing of it. */
public final class Explanation {
    // Beyond the longest timeout, so that the server, not the client, ends a slow statement.
    private static final Duration SILENCE_BEYOND_TIMEOUT = Duration.ofSeconds(5);
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int SESSIONS_MAX = 4;

    private final ServerLogin login;
    private final List<Collector> known;
    private final Map<String, Collector> used;
    private final Choice choice;
    private final DatabaseChoice databases;
    private final PrintWriter out;
    private final Duration silence;
    private int collected;
    private int failed;
    private int left;

    /**
     * An explanation.
     *
     * @param known all collectors that there are
     * @param used those of them that run
     * @param choice by which they were chosen
     */
    public Explanation(
            ServerLogin login,
            List<Collector> known,
            Catalog used,
            Choice choice,
            DatabaseChoice databases,
            PrintWriter out) {
        this.login = login;
        this.known = List.copyOf(known);
        this.used = used.collectors().stream().collect(Collectors.toMap(Collector::name, Function.identity()));
        this.choice = choice;
        this.databases = databases;
        this.out = out;
        this.silence = used.timeoutMax(Cadence.BACKGROUND).plus(SILENCE_BEYOND_TIMEOUT);
    }

    /** Prints it; true if the server answered and no collector failed. */
    public boolean print() {
        try (DatabaseSessions sessions = new DatabaseSessions(login, () -> silence, SESSIONS_MAX, () -> {});
                Session session = Session.open(login, silence)) {
            out.println("server: " + session.server() + ", as " + login);
            List<String> reached = databases.among(session.databases());
            for (Collector collector : known) {
                line(collector, session, sessions, reached);
            }
        } catch (SQLException ended) {
            out.println(login + ": " + SessionFailure.describe(ended));
            return false;
        }
        out.println(collected + " collected, " + failed + " failed, " + left + " not collected");
        return failed == 0;
    }

    /** Throws only when a session has ended. */
    private void line(Collector collector, Session session, DatabaseSessions sessions, List<String> reached)
            throws SQLException {
        String where = collector.cadence() == Cadence.SCRAPE ? "scrape" : "background";
        Collector running = used.get(collector.name());
        String what;
        if (running == null) {
            left++;
            what = "not collected: " + unchosen(collector);
        } else if (running.sqlFor(session.server()).isEmpty()) {
            left++;
            what = "not collected: " + lacking(running, session.server());
        } else {
            what = outcome(running, session, sessions, reached);
        }
        out.printf("%-32s %-10s %s%n", collector.name(), where, what);
    }

    private String unchosen(Collector collector) {
        if (choice.disabled().contains(collector.name())) {
            return "switched off by exporter.disabledCollectors";
        }
        return collector
                .scope()
                .profile()
                .map(profile -> "one of the names of " + profile + ", which exporter.compatibility leaves out")
                .orElse("off by default, exporter.enabledCollectors switches it on");
    }

    private String outcome(Collector collector, Session session, DatabaseSessions sessions, List<String> reached)
            throws SQLException {
        long start = System.nanoTime();
        try {
            Collected result = collector.scope().reach() == Scope.Reach.SERVER
                    ? session.run(collector)
                    : overDatabases(collector, sessions, reached);
            collected++;
            return result.series() + " series in " + (System.nanoTime() - start) / NANOS_PER_MILLI + " ms, every "
                    + collector.ttl().toMillis() / 1_000.0 + " s at most"
                    + dropped(result.duplicateRows(), "duplicate rows dropped")
                    + dropped(result.droppedSeries(), "series beyond maxSeries dropped")
                    + dropped(result.skippedItems(), "items skipped");
        } catch (SQLException refused) {
            if (SessionFailure.endsSession(refused)) {
                throw refused;
            }
            failed++;
            return "FAILED: " + SessionFailure.describe(refused);
        }
    }

    private static Collected overDatabases(Collector collector, DatabaseSessions sessions, List<String> reached)
            throws SQLException {
        Gathering gathering = new Gathering(collector);
        for (String database : reached) {
            if (gathering.wants(database)) {
                Session session = sessions.take(database);
                gathering.from(session);
                sessions.giveBack(database, session);
            }
        }
        return gathering.collected();
    }

    private static String dropped(int count, String what) {
        return count == 0 ? "" : ", " + count + " " + what;
    }

    private static String lacking(Collector collector, Server server) {
        if (!collector.roles().contains(server.role())) {
            return "on a " + (server.role() == Role.PRIMARY ? "standby" : "primary") + " only";
        }
        return "for PostgreSQL "
                + collector.queries().stream()
                        .map(query -> query.versions().toString())
                        .collect(Collectors.joining(", "))
                + " only";
    }
}
