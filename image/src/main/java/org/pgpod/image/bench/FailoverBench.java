package org.pgpod.image.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.NamespaceNetwork;
import org.pgpod.image.local.PodNetwork;
import org.pgpod.image.local.Waiting;

/** How long writers wait, and what they lose, when the primary's pod fails in one way or another, or is handed over. */
final class FailoverBench {
    private static final Duration FORMATION_LIMIT = Duration.ofMinutes(4);
    private static final Duration API_LATENCY = Duration.ofMillis(50);
    private static final int SWITCHOVER_CLIENTS = 8;
    private static final long WATCH_MILLIS = 500;

    private final Plan plan;
    private final Consumer<String> progress;
    private final List<BenchRow> rows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /**
     * What is to be done.
     *
     * @param cases in this order
     * @param preset pgpod's lease timings
     * @param rounds of each case
     * @param minutes that false failovers are waited for
     * @param peers whether Patroni is put through the same
     */
    record Plan(List<FailoverCase> cases, String preset, int rounds, int minutes, Peers peers) {
        Plan {
            cases = List.copyOf(cases);
        }
    }

    enum Peers {
        PATRONI,
        NONE
    }

    /** Rows, and which cases could not be measured to their end. */
    record Result(List<BenchRow> rows, List<String> failures) {}

    /** Starts a cluster of one subject. */
    @FunctionalInterface
    private interface Starting {
        Subject start(PodNetwork network) throws IOException, InterruptedException;
    }

    FailoverBench(Plan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    Result run() throws IOException, InterruptedException {
        boolean root = new LocalUsers().apart();
        for (FailoverCase one : plan.cases()) {
            if (one.needsNamespaces() && !root) {
                throw new IOException("the case " + one.text() + " needs root, which may make network namespaces;"
                        + " leave it out with --cases");
            }
        }
        endLeftovers();
        if (!root) {
            runIn(PodNetwork.LOOPBACK);
        } else {
            Namespaces.run(this::runIn);
        }
        return new Result(List.copyOf(rows), List.copyOf(failures));
    }

    /** Namespaces for the time of one run. */
    private static final class Namespaces {
        interface Body {
            void in(PodNetwork network) throws IOException, InterruptedException;
        }

        static void run(Body body) throws IOException, InterruptedException {
            NamespaceNetwork network = NamespaceNetwork.ofPods();
            try {
                body.in(network);
            } finally {
                // An interrupted thread could not wait for what is being removed.
                boolean interrupted = Thread.interrupted();
                network.remove();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** Processes of an earlier, crashed run would keep its namespaces alive. */
    private static void endLeftovers() throws IOException, InterruptedException {
        for (String name : List.of(PgpodSubject.NAME, PatroniSubject.NAME)) {
            new Leftovers(LocalLayout.named(name, PodNetwork.LOOPBACK).processes()).end();
        }
    }

    private void runIn(PodNetwork network) throws IOException, InterruptedException {
        measure(network, cases(one -> one != FailoverCase.API_LATENCY), plan.preset(), pgpod(Duration.ZERO));
        measure(network, cases(one -> one == FailoverCase.API_LATENCY), plan.preset(), pgpod(API_LATENCY));
        if (plan.peers() == Peers.PATRONI) {
            for (PatroniSettings settings : PatroniSettings.ALL) {
                measure(
                        network,
                        cases(FailoverCase::alsoForPeers),
                        settings.name(),
                        place -> PatroniSubject.start(place, settings, progress));
            }
        }
    }

    private Starting pgpod(Duration apiDelay) {
        return network -> PgpodSubject.start(network, plan.preset(), apiDelay, progress);
    }

    private List<FailoverCase> cases(java.util.function.Predicate<FailoverCase> wanted) {
        return plan.cases().stream().filter(wanted).toList();
    }

    /** All cases on one cluster; after a case that failed the next ones get a new cluster. */
    private void measure(PodNetwork network, List<FailoverCase> cases, String variant, Starting starting)
            throws InterruptedException {
        Deque<FailoverCase> left = new ArrayDeque<>(cases);
        while (!left.isEmpty()) {
            try (Subject subject = starting.start(network)) {
                Waiting.until("one primary and every other member streaming", FORMATION_LIMIT, subject::formed);
                boolean whole = true;
                while (whole && !left.isEmpty()) {
                    FailoverCase one = left.removeFirst();
                    Optional<String> failure = one == FailoverCase.FALSE_FAILOVERS
                            ? watch(subject, variant)
                            : rounds(subject, network, one, variant);
                    failure.ifPresent(reason -> fail(one, variant, subject.name(), reason));
                    whole = failure.isEmpty();
                }
            } catch (IOException | UncheckedIOException broken) {
                FailoverCase without = left.isEmpty() ? cases.getLast() : left.removeFirst();
                fail(without, variant, "the cluster", String.valueOf(broken.getMessage()));
            }
        }
    }

    /** What was measured before and what comes after is not lost with it. */
    private void fail(FailoverCase one, String variant, String subject, String reason) {
        String line = one.text() + " " + variant + " " + subject + ": " + reason;
        failures.add(line);
        progress.accept("FAILED " + line);
    }

    /** The rounds that came to their end are kept, also when a later one did not. */
    private Optional<String> rounds(Subject subject, PodNetwork network, FailoverCase one, String variant)
            throws InterruptedException {
        Map<String, List<Double>> figures = new LinkedHashMap<>();
        Optional<String> failure = Optional.empty();
        int clients = one == FailoverCase.SWITCHOVER ? SWITCHOVER_CLIENTS : 1;
        try (Load load = new Load(subject.route(), "written", clients)) {
            load.prepare();
            load.start();
            FailoverRound round = new FailoverRound(subject, network, load);
            for (int number = 1; number <= plan.rounds(); number++) {
                Map<String, Double> measured = round.run(one);
                measured.forEach((metric, value) -> figures.computeIfAbsent(metric, absent -> new ArrayList<>())
                        .add(value));
                progress.accept(
                        "round " + number + " " + one.text() + " " + variant + " " + subject.name() + ": " + measured);
            }
        } catch (IOException | SQLException broken) {
            failure = Optional.of(String.valueOf(broken.getMessage()));
        }
        figures.forEach((metric, values) -> add(one, variant, subject, metric, values));
        return failure;
    }

    private void add(FailoverCase one, String variant, Subject subject, String metricAndUnit, List<Double> values) {
        String[] words = metricAndUnit.split(" ", -1);
        rows.add(BenchRow.of(one.bench(), one.text() + " " + variant, subject.name(), words[0], words[1], values));
    }

    /** Nothing is done to the cluster but that the processors have no time for it. */
    private Optional<String> watch(Subject subject, String variant) throws InterruptedException {
        LocalLayout layout = LocalLayout.named(PgpodSubject.NAME, PodNetwork.LOOPBACK);
        try (Load load = new Load(subject.route(), "written", 1);
                Burners burners = Burners.start(new Leftovers(layout.processes()), new LocalUsers())) {
            Objects.requireNonNull(burners);
            load.prepare();
            load.start();
            long termBefore = subject.term();
            Optional<Integer> leader = subject.primary();
            int changes = 0;
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(plan.minutes());
            while (System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
                Optional<Integer> now = subject.primary();
                if (now.isPresent() && leader.isPresent() && !now.get().equals(leader.get())) {
                    changes++;
                    progress.accept("the primary changed from " + leader.get() + " to " + now.get());
                }
                if (now.isPresent()) {
                    leader = now;
                }
            }
            double counted = Math.max(changes, subject.term() - termBefore);
            Load.Lap lap = load.lap();
            FailoverCase one = FailoverCase.FALSE_FAILOVERS;
            add(one, variant, subject, "leader-changes count", List.of(counted));
            add(one, variant, subject, "watched min", List.of((double) plan.minutes()));
            add(
                    one,
                    variant,
                    subject,
                    FailoverRound.WRITE_GAP,
                    List.of(lap.longestStall().toNanos() / 1e9));
            add(one, variant, subject, FailoverRound.LOST_ROWS, List.of((double) load.lost()));
            return Optional.empty();
        } catch (IOException | SQLException broken) {
            return Optional.of(String.valueOf(broken.getMessage()));
        }
    }
}
