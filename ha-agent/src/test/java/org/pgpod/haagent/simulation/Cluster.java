package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.pgpod.haagent.decide.Decider;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.DecisionMaker;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.Tags;

/** Several pods, one API, and clients that write wherever they are let in, under virtual time. */
final class Cluster {
    private static final long STEP_MILLIS = 50;
    private static final long RESUME_MILLIS = 3_000;
    private static final double CLOCK_RATE_ERROR = 0.004;

    final VirtualTime time = new VirtualTime();
    final Life nature;
    final Chance chance;
    final Story story;
    final Mutant mutant;
    final Coverage coverage;
    final Network network = new Network(this);
    final Api api = new Api(this);
    final Watch watch = new Watch(this);
    final Deaths deaths = new Deaths();
    final List<Pod> pods = new ArrayList<>();
    final List<String> rewinds = new ArrayList<>();

    /** Members whose volumes were lost. */
    final Set<MemberName> wiped = new HashSet<>();

    boolean proxied;

    /** The cluster that this one may be told to follow. */
    Optional<OtherCluster> other = Optional.empty();

    /** The entry {@code config} of the ConfigMap. */
    Optional<String> configuration = Optional.empty();

    /** Since when the configuration has named another cluster; 0 while it does not. */
    long followsSinceMillis;

    int checkpointMillisMax = 1_500;
    long lastWriteMillis;
    long longestGapMillis;
    private long numbers;

    /**
     * What decides about a cluster besides chance.
     *
     * @param differing the settings of members, by their number, that do not have those of the others
     */
    record Plan(
            int size,
            HaAgentSettings settings,
            Map<Integer, HaAgentSettings> differing,
            Map<Integer, Tags> tags,
            Mutant mutant,
            Coverage coverage,
            boolean told) {
        static Plan of(int size) {
            return new Plan(
                    size,
                    HaAgentSettings.of(LeaseTimings.Preset.FAST.timings()),
                    Map.of(),
                    Map.of(),
                    Mutant.NONE,
                    new Coverage(),
                    false);
        }

        Plan with(HaAgentSettings other) {
            return new Plan(size, other, differing, tags, mutant, coverage, told);
        }

        Plan with(Mutant other) {
            return new Plan(size, settings, differing, tags, other, coverage, told);
        }

        /** With tags for the members of these numbers. */
        Plan tagged(Map<Integer, Tags> others) {
            return new Plan(size, settings, differing, Map.copyOf(others), mutant, coverage, told);
        }

        Plan toldAloud() {
            return new Plan(size, settings, differing, tags, mutant, coverage, true);
        }
    }

    Cluster(Plan plan, long seed) {
        this.chance = new Chance(seed);
        this.story = new Story(time, plan.told());
        this.mutant = plan.mutant();
        this.coverage = plan.coverage();
        this.nature = new Life(new Node(time, "nature", 1, 0));
        for (int number = 0; number < plan.size(); number++) {
            double rate = chance.ratio(1 - CLOCK_RATE_ERROR, 1 + CLOCK_RATE_ERROR);
            Node node = new Node(time, "node-" + number, rate, chance.between(100_000, 10_000_000));
            pods.add(new Pod(
                    this,
                    "demo-" + number,
                    node,
                    new Volume(),
                    plan.tags().getOrDefault(number, Tags.NONE),
                    plan.differing().getOrDefault(number, plan.settings())));
        }
        time.every(STEP_MILLIS, nature, this::step);
    }

    static Cluster started(Plan plan, long seed) {
        Cluster cluster = new Cluster(plan, seed);
        cluster.pods.forEach(pod -> pod.agent.start());
        return cluster;
    }

    long nextNumber() {
        return ++numbers;
    }

    String requestId() {
        return "request-" + nextNumber();
    }

    /** Does something after a while, whatever happens to the pod meanwhile. */
    void later(Pod pod, int leastMillis, int mostMillis, Runnable work) {
        time.after(chance.between(leastMillis, mostMillis), nature, work);
    }

    /** A new pod of the same name on the same volume, while the old one may still live somewhere. */
    void replace(Pod old) {
        if (old.replaced) {
            return;
        }
        old.replaced = true;
        later(old, 5_000, 60_000, old::crash);
        double rate = chance.ratio(1 - CLOCK_RATE_ERROR, 1 + CLOCK_RATE_ERROR);
        Node node = new Node(time, "node-" + nextNumber(), rate, chance.between(100_000, 10_000_000));
        Pod next = new Pod(this, old.name, node, old.volume, old.tags, old.settings);
        pods.add(next);
        next.agent.start();
        story.tell(old.title(), () -> "is replaced by " + next.title());
    }

    /** People end a pause: through the primary or, where there is none, in the Lease itself. */
    void resume() {
        if (api.leader()
                .flatMap(view -> view.record().valid())
                .filter(ClusterRecord::pause)
                .isEmpty()) {
            return;
        }
        primary().ifPresentOrElse(pod -> pod.ask(new Request.Pause(requestId(), false)), api::endPause);
        time.after(RESUME_MILLIS, nature, this::resume);
    }

    DecisionMaker deciderOf(Pod pod) {
        return new DecisionMaker() {
            private Optional<Reason> told = Optional.empty();

            @Override
            public Decision decide(org.pgpod.haagent.decide.Observation now, org.pgpod.haagent.decide.Memory before) {
                Decision real = Decider.decide(mutant.seen().apply(now), before);
                Decision decision = mutant.decided().apply(now, real);
                coverage.count(decision);
                if (told.filter(decision.reason()::equals).isEmpty()) {
                    told = Optional.of(decision.reason());
                    story.tell(pod.title(), () -> "decides " + decision.reason() + ": " + decision.action());
                }
                return decision;
            }
        };
    }

    Optional<String> librariesOf(Pod pod) {
        return pod.lacksLibraries ? Optional.of("sha256:old") : Optional.of("sha256:new");
    }

    private void step() {
        other.ifPresent(OtherCluster::turn);
        writeWhereAdmitted();
        network.stream();
        watch.step();
    }

    private void writeWhereAdmitted() {
        Optional<Pod> first = Optional.empty();
        for (Pod pod : pods) {
            if (!pod.isOn() || pod.node.isPaused() || pod.supervisor.server.isEmpty()) {
                continue;
            }
            Server server = pod.supervisor.server.get();
            if (pod.admitsWriters()) {
                if (first.isPresent()) {
                    throw new Violation(
                            "two primaries admit writers: " + first.get().title() + " and " + pod.title());
                }
                first = Optional.of(pod);
                server.write();
                watch.wrote(pod, server);
                watch.served(pod, server);
                longestGapMillis =
                        lastWriteMillis == 0 ? 0 : Math.max(longestGapMillis, time.nowMillis() - lastWriteMillis);
                lastWriteMillis = time.nowMillis();
            } else if (server.writable() && server.accepting && chance.oneIn(8)) {
                // What a server writes by itself, and clients who were cut off before they had an answer.
                server.write();
                watch.wrote(pod, server);
            }
        }
    }

    boolean isOther(Server server) {
        return other.filter(there -> there.is(server)).isPresent();
    }

    /** People have the cluster follow the other one. */
    void follow(OtherCluster there) {
        other = Optional.of(there);
        configuration = Optional.of(there.configuration());
        followsSinceMillis = time.nowMillis();
        story.tell("cluster", () -> "is to follow " + there.address.endpoint());
    }

    /** People have it follow nobody. */
    void followNobody() {
        configuration = Optional.of("{}");
        followsSinceMillis = 0;
        story.tell("cluster", () -> "is to follow nobody");
    }

    boolean isToFollow() {
        return followsSinceMillis != 0;
    }

    /** One member streams from the other cluster, and all others from it. */
    boolean follows() {
        Optional<Server> leader = holder().flatMap(Pod::server)
                .filter(server -> server.source.filter(this::isOther).isPresent());
        return leader.isPresent()
                && current().stream()
                        .filter(pod -> holder().filter(pod::equals).isEmpty())
                        .allMatch(pod -> pod.server()
                                        .filter(server -> network.feeds(leader.get(), server))
                                        .isPresent()
                                && pod.volume.state.destroying().isEmpty());
    }

    /** The primary goes on, and says why it cannot follow. */
    boolean refuses() {
        return settled()
                && holder().filter(pod -> says(pod, Reason.Code.STANDBY_REFUSED))
                        .isPresent();
    }

    /** People have a copy made anew that cannot follow, and empty a volume with the data of a cluster that nobody ever wrote to. */
    void mend() {
        holder().filter(pod -> says(pod, Reason.Code.BLOCKED_REMOTE))
                .ifPresent(pod -> pod.ask(new Request.Reinitialize(requestId())));
        current().stream()
                .filter(pod -> says(pod, Reason.Code.BLOCKED_SYSTEM_ID))
                .filter(pod -> pod.volume.data.filter(Cluster::wasNeverOpened).isPresent())
                .toList()
                .forEach(pod -> {
                    pod.crash();
                    pod.volume.wipe();
                    pod.comeBack();
                });
    }

    /** The founder vanished before it published that it has data, and another member founded the cluster meanwhile. */
    private static boolean wasNeverOpened(DataDirectory data) {
        return data.wal.parent.isEmpty() && data.end == Wal.FIRST + DataDirectory.RECORD;
    }

    private static boolean says(Pod pod, Reason.Code code) {
        return pod.agent
                .lastDecision()
                .filter(decision -> decision.reason().code() == code)
                .isPresent();
    }

    Pod pod(int number) {
        return pods.get(number);
    }

    /** The present incarnation of the pod of this name. */
    Optional<Pod> current(String name) {
        return pods.stream()
                .filter(pod -> pod.name.equals(name) && !pod.replaced)
                .findFirst();
    }

    List<Pod> current() {
        return pods.stream().filter(pod -> !pod.replaced).toList();
    }

    Optional<Pod> primary() {
        boolean open = api.leader()
                .flatMap(view -> view.record().valid())
                .filter(record -> record.phase() == ClusterRecord.Phase.PRIMARY)
                .isPresent();
        return open ? holder().filter(Pod::admitsWriters) : Optional.empty();
    }

    /** Whom the Lease names, if that pod is still there. */
    Optional<Pod> holder() {
        return api.leader()
                .flatMap(LeaseView::holder)
                .flatMap(holder ->
                        current(holder.pod()).filter(pod -> pod.holder().equals(holder)));
    }

    List<Pod> othersThan(Pod one) {
        return current().stream().filter(pod -> pod != one).toList();
    }

    ClusterRecord record() {
        return api.leader().flatMap(view -> view.record().valid()).orElseThrow();
    }

    /** One primary, and all others stream from it; no vote stands and nobody is frozen. */
    boolean settled() {
        return settledWithout(List.of());
    }

    boolean settledWithout(List<Pod> absent) {
        Optional<Pod> primary = primary();
        if (primary.filter(pod -> !absent.contains(pod)).isEmpty()) {
            return false;
        }
        Server source = primary.get().server().orElseThrow();
        return current().stream()
                .filter(pod -> pod != primary.get() && !absent.contains(pod))
                .allMatch(pod -> pod.server()
                                .filter(server -> network.feeds(source, server))
                                .isPresent()
                        && pod.volume.state.frozen().isEmpty()
                        && pod.volume.state.destroying().isEmpty());
    }

    void await(String what, BooleanSupplier condition, Duration limit) {
        if (!time.runUntil(condition, limit)) {
            throw new Violation("not within " + limit + ": " + what + describe());
        }
    }

    String describe() {
        StringBuilder text = new StringBuilder("\nlease ").append(api.leader());
        for (Pod pod : pods) {
            text.append("\n").append(pod.title()).append(pod.replaced ? " (replaced)" : "");
            text.append(pod.isOn() ? "" : " off").append(pod.agentRuns() ? "" : " no agent");
            text.append("\n  token ").append(pod.run.token);
            text.append("\n  volume ").append(pod.volume.state);
            pod.volume.data.ifPresent(data -> text.append("\n  data ")
                    .append(data.wal)
                    .append(" end ")
                    .append(Long.toHexString(data.end))
                    .append(" ")
                    .append(data.state));
            text.append("\n  supervisor ").append(pod.supervisor.state());
            text.append("\n  decided ").append(pod.lastDecision());
            text.append("\n  finished ").append(pod.agent.facts().finished());
        }
        return text.toString();
    }
}
