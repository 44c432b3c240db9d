package org.pgpod.exporter.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.collect.DatabaseSessions;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.model.Board;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.DatabaseChoice;
import org.pgpod.exporter.model.MergeTarget;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.Scrape;
import org.pgpod.exporter.model.Server;
import org.pgpod.exporter.model.ServerState;

/**
 * Makes scrapes, each within its deadline whatever Postgres and the other sidecars do. Scrapes at the same time share one
 * collection; what is not done at the deadline is shown as it was before, with its age.
 */
public final class Scrapes implements AutoCloseable {
    // Beyond the longest timeout, so that the server, not the client, ends a slow statement.
    private static final Duration SILENCE_BEYOND_TIMEOUT = Duration.ofSeconds(5);

    private final Catalog catalog;
    private final LongSupplier clockMillis;
    private final Duration deadlineMax;
    private final Counters counters = new Counters();
    private final SharedBoard board;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CheapCollection cheap;
    private final SharedRun cheapRun;
    private final LoginCheck loginCheck;
    private final List<BackgroundCollection> backgrounds;
    private final List<SidecarWatch> sidecars;

    /**
     * Prepares everything and starts nothing.
     *
     * @param deadlineMax the longest that a scrape waits, and the most time that collectors which fail may take together
     * @param loginCheckInterval the least time between two logins that only check whether logins work
     */
    public Scrapes(
            ServerLogin login,
            Catalog catalog,
            DatabaseChoice databases,
            List<MergeTarget> targets,
            Duration deadlineMax,
            Duration loginCheckInterval,
            LongSupplier clockMillis) {
        this.catalog = catalog;
        this.board = new SharedBoard(catalog::uses);
        this.clockMillis = clockMillis;
        this.deadlineMax = deadlineMax;
        this.loginCheck = new LoginCheck(login, loginCheckInterval, threads, clockMillis, counters);
        this.cheap =
                new CheapCollection(login, loginCheck::silence, catalog, board, deadlineMax, clockMillis, counters);
        this.cheapRun = new SharedRun("collection", cheap, threads, clockMillis);
        // Collectors that go from object to object take long; the others shall not wait for them.
        this.backgrounds = List.of(
                background(login, collector -> collector.each().isEmpty(), databases),
                background(login, collector -> collector.each().isPresent(), databases.keepingNone()));
        this.sidecars = targets.stream()
                .map(target -> new SidecarWatch(target, threads, clockMillis))
                .toList();
    }

    private BackgroundCollection background(ServerLogin login, Predicate<Collector> mine, DatabaseChoice databases) {
        DatabaseSessions sessions = new DatabaseSessions(
                login,
                () -> catalog.timeoutMax(Cadence.BACKGROUND).plus(SILENCE_BEYOND_TIMEOUT),
                databases.sessionsKept(),
                () -> counters.count(OwnMetric.LOGINS));
        return new BackgroundCollection(loginCheck::silence, catalog, mine, sessions, databases, board, clockMillis);
    }

    /** Starts the background jobs and a first collection, whose result the first scrape finds. */
    public void start() {
        backgrounds.forEach(threads::execute);
        cheapRun.join();
        loginCheck.ask();
    }

    /** Goes on with the collectors of another catalog; those that are the same keep what they brought. */
    public void adopt(Catalog next) {
        Set<String> same = next.collectors().stream()
                .filter(catalog::uses)
                .map(Collector::name)
                .collect(Collectors.toSet());
        catalog.adopt(next);
        board.keep(same);
    }

    /** A scrape that takes hardly longer than {@code deadline}. */
    public Scrape scrape(Duration deadline) {
        counters.count(OwnMetric.SCRAPES);
        long startedAt = clockMillis.getAsLong();
        List<SharedRun.Run> runs = new ArrayList<>(List.of(cheapRun.join()));
        loginCheck.ask().ifPresent(runs::add);
        sidecars.forEach(sidecar -> runs.add(sidecar.ask()));
        // A run that an earlier scrape waited for in vain is not waited for again.
        boolean punctual = await(
                runs.stream()
                        .filter(run -> startedAt - run.startedAtMillis() < deadlineMax.toMillis())
                        .toList(),
                deadline);
        if (!punctual) {
            counters.count(OwnMetric.LATE_SCRAPES);
        }
        return scrapeNow(startedAt);
    }

    private static boolean await(List<SharedRun.Run> runs, Duration deadline) {
        try {
            CompletableFuture.allOf(runs.stream().map(SharedRun.Run::enough).toArray(CompletableFuture[]::new))
                    .get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Scrape scrapeNow(long startedAt) {
        long now = clockMillis.getAsLong();
        Board current = board.now();
        return new Scrape(
                loginCheck.works(),
                shown(current, now),
                current,
                sidecars.stream().map(sidecar -> sidecar.pageAt(now)).toList(),
                counters.totals(),
                now,
                Duration.ofMillis(now - startedAt));
    }

    private List<Collector> shown(Board current, long now) {
        return switch (current.server()) {
            case ServerState.Answering(var server) when !silent(now) -> collectors(server);
            case ServerState.Answering _, ServerState.Untried _, ServerState.Unreachable _ -> List.of();
        };
    }

    private List<Collector> collectors(Server server) {
        return Arrays.stream(Cadence.values())
                .flatMap(cadence -> catalog.applicable(cadence, server).stream())
                .toList();
    }

    /** Neither the kept connection nor a new one gets an answer: what was read before describes nothing that is there. */
    private boolean silent(long now) {
        boolean overdue = cheapRun.underWay()
                .filter(run -> !run.enough().isDone())
                .filter(run -> now - run.startedAtMillis() >= LoginCheck.SILENCE_MAX.toMillis())
                .isPresent();
        return overdue && !loginCheck.works();
    }

    /** The server as a person would put it. */
    public String describeServer() {
        String state = switch (board.now().server()) {
            case ServerState.Answering(var server) -> server.toString();
            case ServerState.Unreachable(var reason) -> "does not answer: " + reason;
            case ServerState.Untried _ -> "not asked yet";
        };
        Optional<String> loginFailure = loginCheck.failure();
        return loginFailure.isEmpty() ? state : state + "; a new login fails: " + loginFailure.get();
    }

    @Override
    public void close() {
        backgrounds.forEach(BackgroundCollection::stop);
        threads.shutdownNow();
        try {
            if (threads.awaitTermination(deadlineMax.toMillis(), TimeUnit.MILLISECONDS)) {
                cheap.close();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
