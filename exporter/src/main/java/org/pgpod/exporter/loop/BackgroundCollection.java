package org.pgpod.exporter.loop;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.collect.Session;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Board;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.ServerState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the expensive collectors, each when its time has come, on a connection of its own that is closed after each round.
 * No scrape waits for it, and it waits for no scrape.
 */
final class BackgroundCollection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundCollection.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);

    // Beyond the longest timeout, so that the server, not the client, ends a slow statement.
    private static final Duration SILENCE_BEYOND_TIMEOUT = Duration.ofSeconds(5);

    private final ServerLogin login;
    private final Supplier<Optional<String>> silence;
    private final Catalog catalog;
    private final SharedBoard board;
    private final LongSupplier clockMillis;
    private final Counters counters;
    private final CountDownLatch stopping = new CountDownLatch(1);

    BackgroundCollection(
            ServerLogin login,
            Supplier<Optional<String>> silence,
            Catalog catalog,
            SharedBoard board,
            LongSupplier clockMillis,
            Counters counters) {
        this.login = login;
        this.silence = silence;
        this.catalog = catalog;
        this.board = board;
        this.clockMillis = clockMillis;
        this.counters = counters;
    }

    @Override
    public void run() {
        try {
            Duration pause = PAUSE;
            while (!stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = round();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs what is due and says how long to pause then. */
    private Duration round() {
        try {
            List<Collector> due = due(board.now());
            if (!due.isEmpty() && silence.get().isEmpty()) {
                counters.count(OwnMetric.LOGINS);
                Duration silenceMax = catalog.timeoutMax(Cadence.BACKGROUND).plus(SILENCE_BEYOND_TIMEOUT);
                try (Session session = Session.open(login, silenceMax)) {
                    runAll(session, due);
                }
            }
            return PAUSE;
        } catch (SQLException ended) {
            LOG.debug("background collection ended reason={}", SessionFailure.describe(ended));
        } catch (RuntimeException surprise) {
            LOG.error("background collection failed", surprise);
        }
        return PAUSE_AFTER_FAILURE;
    }

    private void runAll(Session session, List<Collector> due) throws SQLException {
        for (Collector collector : due) {
            if (stopping.getCount() > 0 && collector.sqlFor(session.server()).isPresent()) {
                Runs.run(session, collector, board, clockMillis.getAsLong());
            }
        }
    }

    private List<Collector> due(Board current) {
        return switch (current.server()) {
            case ServerState.Answering(var server) ->
                catalog.applicable(Cadence.BACKGROUND, server).stream()
                        .filter(collector -> current.family(collector).dueAt(clockMillis.getAsLong(), collector.ttl()))
                        .toList();
            case ServerState.Untried _, ServerState.Unreachable _ -> List.of();
        };
    }

    void stop() {
        stopping.countDown();
    }
}
