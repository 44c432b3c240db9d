package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StorageSettings;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Tags;

/**
 * One seed: a cluster forms, suffers at least {@link #FAULTS_MIN} faults within at least {@link #LENGTH_MIN}, and must
 * be whole again once they end, or say truly why it cannot be.
 */
final class Simulation {
    static final int FAULTS_MIN = 20;
    static final Duration LENGTH_MIN = Duration.ofMinutes(10);
    private static final int FAULTS_MAX = 34;
    private static final Duration FORMING = Duration.ofSeconds(90);
    private static final long RESUME_MILLIS = 20_000;
    private static final Duration CONVERGING = Duration.ofMinutes(4);

    /** In every so many seeds a pod is taken away and forgotten in the end. */
    private static final int SCALED_IN = 8;

    /** In every so many seeds some members have other settings than the rest. */
    private static final int DIFFERING = 6;

    private static final Duration GONE = Duration.ofSeconds(75);
    private static final Duration REMOVING = Duration.ofSeconds(10);

    /** What a run came to. */
    record Outcome(long seed, int faults, Duration length, Optional<String> failure, List<String> story) {}

    private final long seed;
    private final Cluster cluster;
    private final long beganMillis;
    private int faults;

    private Simulation(long seed, Mutant mutant, Coverage coverage, boolean told) {
        this.seed = seed;
        Chance chance = new Chance(seed * 31 + 7);
        int size = chance.oneIn(8) ? 2 : chance.oneIn(8) ? 5 : 3;
        HaAgentSettings settings = settings(chance);
        Cluster.Plan plan =
                new Cluster.Plan(size, settings, differing(seed, size), tags(seed, size), mutant, coverage, told);
        this.cluster = new Cluster(plan, seed);
        this.cluster.proxied = chance.oneIn(2);
        this.beganMillis = cluster.time.nowMillis();
    }

    private static HaAgentSettings settings(Chance chance) {
        LeaseTimings.Preset preset = chance.oneIn(6) ? LeaseTimings.Preset.NORMAL : LeaseTimings.Preset.FAST;
        SynchronousSettings.Mode mode = chance.of(List.of(SynchronousSettings.Mode.values()));
        HaAgentSettings usual = HaAgentSettings.of(preset.timings())
                .with(new SynchronousSettings(mode, chance.oneIn(4), chance.oneIn(4) ? 2 : 1));
        HaAgentSettings stored = Settings.withStorage(usual, chance.of(List.of(StorageSettings.OnFailure.values())));
        return chance.oneIn(2) ? stored : Settings.withLag(stored, chance.between(20, 300) * DataDirectory.RECORD);
    }

    /** In some clusters the pods' templates were changed, and not every pod was replaced since. */
    private static Map<Integer, HaAgentSettings> differing(long seed, int size) {
        Chance chance = new Chance(seed * 23 + 5);
        Map<Integer, HaAgentSettings> differing = new HashMap<>();
        if (chance.oneIn(DIFFERING)) {
            HaAgentSettings other = settings(chance);
            for (int number = 0; number < size; number++) {
                if (chance.oneIn(2)) {
                    differing.put(number, other);
                }
            }
        }
        return differing.isEmpty() || differing.size() == size ? Map.of() : differing;
    }

    /** In some clusters standbys feed each other, over as many steps as there are, or in a circle. */
    private static Map<Integer, Tags> tags(long seed, int size) {
        Chance chance = new Chance(seed * 17 + 3);
        Map<Integer, Tags> tags = new HashMap<>();
        if (chance.oneIn(3)) {
            for (int number = 0; number < size; number++) {
                Map<String, String> values = new HashMap<>();
                if (chance.oneIn(2)) {
                    values.put("replicatefrom", "demo-" + chance.upTo(size - 1));
                }
                if (chance.oneIn(2)) {
                    values.put("clonefrom", "true");
                }
                tags.put(number, new Tags(values));
            }
        }
        return tags;
    }

    static Outcome run(long seed, Mutant mutant, Coverage coverage) {
        return new Simulation(seed, mutant, coverage, false).run();
    }

    /** The same run once more, with its story. */
    static Outcome replay(long seed, Mutant mutant) {
        return new Simulation(seed, mutant, new Coverage(), true).run();
    }

    private Outcome run() {
        Optional<String> failure = Optional.empty();
        try {
            live();
        } catch (Violation violation) {
            failure = Optional.of(String.valueOf(violation.getMessage()));
        } catch (RuntimeException surprise) {
            StackTraceElement where = surprise.getStackTrace().length > 0
                    ? surprise.getStackTrace()[0]
                    : new StackTraceElement("?", "?", "?", 0);
            failure = Optional.of(surprise + " at " + where);
        }
        Duration length = Duration.ofMillis(cluster.time.nowMillis() - beganMillis);
        return new Outcome(seed, faults, length, failure, cluster.story.lines());
    }

    private void live() {
        Chance chance = cluster.chance;
        for (Pod pod : cluster.pods) {
            cluster.time.after(chance.upTo(3_000), cluster.nature, pod.agent::start);
        }
        StandbyPart part = StandbyPart.of(seed, cluster);
        part.begin();
        boolean peaceful = !chance.oneIn(4);
        if (peaceful) {
            cluster.await("the cluster forms", () -> cluster.settled() || cluster.follows(), FORMING);
        }
        int planned = chance.between(FAULTS_MIN + 2, FAULTS_MAX);
        while (faults < planned) {
            part.turn(faults, planned);
            strike();
            // Faults come in bursts, which is when they matter.
            cluster.time.runFor(Duration.ofMillis(
                    chance.oneIn(3) ? chance.upTo(1_500) : chance.between(1_000, 2 * 600_000 / planned)));
        }
        if (seed % SCALED_IN == 0) {
            scaleIn();
        }
        repair();
        part.end();
        long left = LENGTH_MIN.toMillis() - (cluster.time.nowMillis() - beganMillis);
        cluster.time.runFor(Duration.ofMillis(Math.max(0, left)));
        cluster.time.runUntil(this::isWell, CONVERGING);
        if (!isWell()) {
            throw new Violation("not well " + CONVERGING + " after the last fault" + cluster.describe());
        }
    }

    /** A pod goes for good and is forgotten, among whatever else is wrong, and comes again with the repair. */
    private void scaleIn() {
        Optional<Pod> primary = cluster.primary();
        cluster.current().stream()
                .filter(pod -> primary.filter(pod::equals).isEmpty())
                .findFirst()
                .ifPresent(pod -> {
                    pod.crash();
                    cluster.time.runFor(GONE);
                    cluster.primary().ifPresent(asked -> asked.ask(new Request.Remove(cluster.requestId(), pod.name)));
                    cluster.time.runFor(REMOVING);
                });
    }

    private void strike() {
        Fault fault = Fault.any(cluster.chance);
        Pod pod = cluster.chance.oneIn(2)
                ? cluster.primary()
                        .or(cluster::holder)
                        .filter(any -> !any.replaced)
                        .orElseGet(() -> cluster.chance.of(cluster.current()))
                : cluster.chance.of(cluster.current());
        cluster.story.tell(pod.title(), () -> "FAULT " + fault);
        fault.strike(cluster, pod);
        faults++;
    }

    private void repair() {
        cluster.story.tell("cluster", () -> "all faults end");
        for (Pod pod : cluster.pods) {
            if (pod.replaced) {
                pod.crash();
            }
            cluster.network.heal(pod);
            pod.repair();
        }
        // A wish to pause may still be on its way when the first of these comes.
        for (long afterMillis = 0; afterMillis < CONVERGING.toMillis() / 2; afterMillis += RESUME_MILLIS) {
            cluster.time.after(afterMillis, cluster.nature, cluster::resume);
            cluster.time.after(afterMillis, cluster.nature, cluster::mend);
        }
    }

    private boolean isWell() {
        return cluster.isToFollow() ? cluster.follows() || cluster.refuses() : cluster.settled() || truly(cluster);
    }

    /** Whether those who could serve say why they cannot, and are right. */
    private static boolean truly(Cluster cluster) {
        return cluster.primary().isEmpty()
                && cluster.current().stream()
                        .allMatch(pod -> pod.agent
                                .lastDecision()
                                .filter(decision -> isTrue(cluster, pod, decision))
                                .isPresent());
    }

    private static boolean isTrue(Cluster cluster, Pod pod, Decision decision) {
        return switch (decision.reason().code()) {
            case BLOCKED_LEASE_MISSING -> cluster.api.leader().isEmpty();
            case ELECTION_LAGS_TOO_FAR -> {
                ClusterRecord record = cluster.record();
                long end = pod.volume.data.map(data -> data.end).orElse(0L);
                yield record.lsn().value() - end > pod.settings.maximumLagOnFailover();
            }
            case ELECTION_NOT_A_CANDIDATE -> pod.volume.data.isEmpty();
            default -> false;
        };
    }
}
