package org.pgpod.exporter.loop;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.collect.DatabaseSessions;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.Board;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.DatabaseChoice;
import org.pgpod.exporter.model.ServerState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs collectors out of scrapes, each when its time has come, one database after the other. No scrape waits for it, and it
 * waits for no scrape. It rests three times as long as it works, so that many databases are no load but old values.
 */
final class BackgroundCollection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundCollection.class);
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(60);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);
    private static final int REST_PER_WORK = 3;

    private final Supplier<Optional<String>> silence;
    private final Catalog catalog;
    private final Predicate<Collector> mine;
    private final DatabaseSessions sessions;
    private final DatabaseChoice databases;
    private final SharedBoard board;
    private final LongSupplier clockMillis;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /**
     * A background job.
     *
     * @param silence says that logins are not answered at present, which is a reason to try none
     * @param mine which of the catalog's collectors it runs
     * @param sessions nobody else's
     */
    BackgroundCollection(
            Supplier<Optional<String>> silence,
            Catalog catalog,
            Predicate<Collector> mine,
            DatabaseSessions sessions,
            DatabaseChoice databases,
            SharedBoard board,
            LongSupplier clockMillis) {
        this.silence = silence;
        this.catalog = catalog;
        this.mine = mine;
        this.sessions = sessions;
        this.databases = databases;
        this.board = board;
        this.clockMillis = clockMillis;
    }

    @Override
    public void run() {
        try (sessions) {
            Duration pause = PAUSE_MIN;
            while (!stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = round();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs what is due and says how long to pause then. */
    private Duration round() {
        long startedAt = clockMillis.getAsLong();
        try {
            List<Collector> due = due(board.now(), startedAt);
            if (!due.isEmpty() && silence.get().isEmpty()) {
                new Round(sessions, databases, board, clockMillis, () -> stopping.getCount() == 0).run(due);
            }
            return rest(clockMillis.getAsLong() - startedAt);
        } catch (SQLException ended) {
            LOG.debug("background collection ended reason={}", SessionFailure.describe(ended));
        } catch (RuntimeException surprise) {
            LOG.error("background collection failed", surprise);
        }
        return PAUSE_AFTER_FAILURE;
    }

    private static Duration rest(long workedMillis) {
        Duration rest = Duration.ofMillis(workedMillis * REST_PER_WORK);
        if (rest.compareTo(PAUSE_MIN) < 0) {
            return PAUSE_MIN;
        }
        return rest.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : rest;
    }

    private List<Collector> due(Board current, long now) {
        return switch (current.server()) {
            case ServerState.Answering(var server) ->
                catalog.applicable(Cadence.BACKGROUND, server).stream()
                        .filter(mine)
                        .filter(collector -> current.family(collector).dueAt(now, collector.ttl()))
                        .toList();
            case ServerState.Untried _, ServerState.Unreachable _ -> List.of();
        };
    }

    void stop() {
        stopping.countDown();
    }
}
