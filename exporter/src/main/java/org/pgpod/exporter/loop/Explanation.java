package org.pgpod.exporter.loop;

import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.collect.Session;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Server;

/** Runs every collector once, as the exporter would, and says of each what it brought or why there is nothing of it. */
public final class Explanation {
    // Beyond the longest timeout, so that the server, not the client, ends a slow statement.
    private static final Duration SILENCE_BEYOND_TIMEOUT = Duration.ofSeconds(5);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ServerLogin login;
    private final List<Collector> known;
    private final Catalog used;
    private final PrintWriter out;
    private int collected;
    private int failed;
    private int left;

    /**
     * An explanation.
     *
     * @param known all collectors that there are
     * @param used those that the configuration leaves on
     */
    public Explanation(ServerLogin login, List<Collector> known, Catalog used, PrintWriter out) {
        this.login = login;
        this.known = List.copyOf(known);
        this.used = used;
        this.out = out;
    }

    /** Prints it; true if the server answered and no collector failed. */
    public boolean print() {
        Duration silence = used.timeoutMax(Cadence.BACKGROUND).plus(SILENCE_BEYOND_TIMEOUT);
        try (Session session = Session.open(login, silence)) {
            out.println("server: " + session.server() + ", as " + login);
            for (Collector collector : known) {
                line(collector, session);
            }
        } catch (SQLException ended) {
            out.println(login + ": " + SessionFailure.describe(ended));
            return false;
        }
        out.println(collected + " collected, " + failed + " failed, " + left + " not collected");
        return failed == 0;
    }

    /** Throws only when the session has ended. */
    private void line(Collector collector, Session session) throws SQLException {
        String where = collector.cadence() == Cadence.SCRAPE ? "scrape" : "background";
        String what;
        if (!used.uses(collector)) {
            left++;
            what = "not collected: switched off by exporter.disabledCollectors";
        } else if (collector.sqlFor(session.server()).isEmpty()) {
            left++;
            what = "not collected: " + lacking(collector, session.server());
        } else {
            what = outcome(collector, session);
        }
        out.printf("%-32s %-10s %s%n", collector.name(), where, what);
    }

    private String outcome(Collector collector, Session session) throws SQLException {
        long start = System.nanoTime();
        try {
            Collected result = session.run(collector);
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
