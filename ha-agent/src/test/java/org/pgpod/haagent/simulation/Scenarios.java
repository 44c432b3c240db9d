package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SynchronousSettings;

/** Short stories that lead straight to where one rule matters. */
final class Scenarios {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final HaAgentSettings USUAL = HaAgentSettings.of(LeaseTimings.Preset.FAST.timings());
    private static final HaAgentSettings QUORUM =
            USUAL.with(new SynchronousSettings(SynchronousSettings.Mode.QUORUM, false, 1));

    private Scenarios() {}

    private static Cluster formed(HaAgentSettings settings, Mutant mutant, long seed) {
        Cluster cluster = Cluster.started(Cluster.Plan.of(3).with(settings).with(mutant), seed);
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(15));
        return cluster;
    }

    /** Clients' writes that nobody else has, a crash, and a return. */
    static void oldPrimaryComesBack(Mutant mutant, long seed) {
        Cluster cluster = formed(USUAL, mutant, seed);
        cluster.checkpointMillisMax = 20_000;
        Pod old = cluster.primary().orElseThrow();
        cluster.network.isolate(old);
        cluster.time.runFor(MOMENT);
        old.crash();
        cluster.network.heal(old);
        cluster.await("a new primary", () -> cluster.primary().isPresent(), SOON);
        old.comeBack();
        cluster.await("all follow", cluster::settled, SOON);
    }

    static void plannedSwitchover(Mutant mutant, long seed) {
        Cluster cluster = formed(USUAL, mutant, seed);
        Pod old = cluster.primary().orElseThrow();
        old.ask(new Request.Switchover("s1", Optional.empty()));
        cluster.await("moved", () -> cluster.primary().filter(pod -> pod != old).isPresent(), SOON);
        cluster.await("all follow", cluster::settled, SOON);
    }

    /** One standby lags, and both try. */
    static void oneStandbyLags(Mutant mutant, long seed) {
        for (long variant = seed; variant < seed + 12; variant++) {
            Cluster cluster = formed(USUAL, mutant, variant);
            Pod old = cluster.primary().orElseThrow();
            cluster.othersThan(old).getFirst().lagBytes = 50 * DataDirectory.RECORD;
            cluster.time.runFor(Duration.ofSeconds(4));
            old.crash();
            cluster.await("a new primary", () -> cluster.primary().isPresent(), SOON);
        }
    }

    /** The only one that is left lacks more than it may. */
    static void theLastOneLagsTooFar(Mutant mutant, long seed) {
        Cluster cluster = formed(Settings.withLag(USUAL, 20 * DataDirectory.RECORD), mutant, seed);
        Pod old = cluster.primary().orElseThrow();
        cluster.othersThan(old).forEach(cluster.network::isolate);
        cluster.time.runFor(Duration.ofSeconds(5));
        old.crash();
        cluster.othersThan(old).forEach(cluster.network::heal);
        cluster.time.runFor(SOON);
        old.comeBack();
        cluster.await("it is elected again", cluster::settled, SOON);
    }

    /** A voter's agent restarts, while the old primary's supervisor stands still and cannot end it. */
    static void voterRestarts(Mutant mutant, long seed) {
        Cluster cluster = formed(USUAL, mutant, seed);
        Pod old = cluster.primary().orElseThrow();
        Pod voter = cluster.othersThan(old).getFirst();
        cluster.othersThan(old).getLast().crash();
        old.supervisor.life.stopUntil(cluster.time.nowMillis() + SOON.toMillis());
        old.killAgent();
        cluster.await(
                "a vote",
                () -> cluster.api.member(voter.name).flatMap(MemberStatus::vote).isPresent(),
                SOON);
        voter.restartAgent();
        cluster.time.runFor(Duration.ofSeconds(5));
    }

    /** A primary without the API, and a standby that stands still and so holds an orderly stop up. */
    static void fenceWithAFrozenStandby(Mutant mutant, long seed) {
        Cluster cluster = formed(USUAL, mutant, seed);
        Pod old = cluster.primary().orElseThrow();
        cluster.othersThan(old).getFirst().node.pauseUntil(cluster.time.nowMillis() + SOON.toMillis());
        old.trouble(ApiClient.Trouble.UNREACHABLE, SOON.toMillis());
        cluster.time.runFor(Duration.ofSeconds(10));
    }

    /** The new primary vanishes after its promotion and before its record says so. */
    static void vanishesBetweenPromotionAndRecord(Mutant mutant, long seed) {
        Cluster cluster = formed(USUAL, mutant, seed);
        Pod old = cluster.primary().orElseThrow();
        old.crash();
        cluster.await("promoted", () -> promoted(cluster).isPresent(), SOON);
        promoted(cluster).orElseThrow().crash();
        cluster.await("the last one serves", () -> cluster.primary().isPresent(), SOON);
        cluster.pods.forEach(Pod::comeBack);
        cluster.await("all follow", cluster::settled, SOON);
    }

    private static Optional<Pod> promoted(Cluster cluster) {
        boolean between = cluster.api
                .leader()
                .flatMap(view -> view.record().valid())
                .filter(record -> record.phase() == ClusterRecord.Phase.TAKEOVER)
                .isPresent();
        return between
                ? cluster.pods.stream()
                        .filter(pod -> pod.server().filter(Server::writable).isPresent())
                        .findFirst()
                : Optional.empty();
    }

    /** Commits wait for standbys that are cut off, and a backend crashes. */
    static void crashWhileCommitsWait(Mutant mutant, long seed) {
        Cluster cluster = formed(QUORUM, mutant, seed);
        Pod primary = cluster.primary().orElseThrow();
        cluster.othersThan(primary).forEach(cluster.network::isolate);
        cluster.time.runFor(Duration.ofMillis(500));
        primary.supervisor.postmasterDied();
        cluster.time.runFor(MOMENT);
        cluster.othersThan(primary).forEach(cluster.network::heal);
        cluster.await("all is well", cluster::settled, SOON);
    }

    /** A primary that neither the API nor two of its four voters reach, and these two are left to elect somebody. */
    static void halfOfTheVotersPromise(Mutant mutant, long seed) {
        HaAgentSettings three = USUAL.with(new SynchronousSettings(SynchronousSettings.Mode.QUORUM, false, 3));
        Cluster cluster = Cluster.started(Cluster.Plan.of(5).with(three).with(mutant), seed);
        cluster.await(
                "the cluster forms", () -> cluster.settled() && cluster.record().w() == 3, SOON);
        cluster.time.runFor(Duration.ofSeconds(15));
        Pod old = cluster.primary().orElseThrow();
        List<Pod> voters = cluster.othersThan(old);
        voters.subList(0, 2).forEach(cluster.network::isolate);
        old.trouble(ApiClient.Trouble.UNREACHABLE, SOON.toMillis());
        cluster.time.runFor(SOON);
        voters.forEach(cluster.network::heal);
        cluster.await("all is well", cluster::settled, SOON);
    }

    /** The one standby that has what was acknowledged goes, and the other one, which lags, is left to be the voter. */
    static void onlyTheLaggingStandbyIsLeft(Mutant mutant, long seed) {
        Cluster cluster = formed(QUORUM, mutant, seed);
        Pod primary = cluster.primary().orElseThrow();
        Pod behind = cluster.othersThan(primary).getFirst();
        behind.lagBytes = 500 * DataDirectory.RECORD;
        cluster.time.runFor(Duration.ofSeconds(4));
        cluster.othersThan(primary).getLast().crash();
        cluster.time.runFor(Duration.ofSeconds(10));
        primary.crash();
        cluster.time.runFor(SOON);
        behind.lagBytes = 0;
        cluster.pods.stream().filter(pod -> !pod.isOn()).forEach(Pod::comeBack);
        cluster.await("all is well", cluster::settled, SOON);
    }

    /** A voter goes on after an election and cannot take its old vote back; it alone has what is acknowledged next. */
    static void anOldVoteStays(Mutant mutant, long seed) {
        Cluster cluster = formed(Settings.withAliveWindow(QUORUM, SOON), mutant, seed);
        Pod first = cluster.primary().orElseThrow();
        first.crash();
        cluster.await("a take-over", () -> cluster.record().phase() == ClusterRecord.Phase.TAKEOVER, SOON);
        Pod second = cluster.holder().orElseThrow();
        Pod voter = cluster.othersThan(second).stream()
                .filter(pod -> pod != first)
                .findFirst()
                .orElseThrow();
        voter.trouble(ApiClient.Trouble.WRITES_REFUSED, 2 * SOON.toMillis());
        first.comeBack();
        cluster.await(
                "the first one is a voter",
                () -> cluster.record().voters().stream()
                        .anyMatch(member -> member.pod().equals(first.name)),
                SOON);
        first.lagBytes = 500 * DataDirectory.RECORD;
        cluster.time.runFor(Duration.ofSeconds(4));
        second.crash();
        cluster.time.runFor(SOON);
        voter.trouble(ApiClient.Trouble.NONE, 0);
        second.comeBack();
        cluster.await("all is well", cluster::settled, SOON);
    }

    /** The old primary's node boots anew, with a clock that is not far off, and nothing there reaches the API. */
    static void aTokenOutlivesItsBoot(Mutant mutant, long seed) {
        Cluster cluster = formed(USUAL, mutant, seed);
        Pod old = cluster.primary().orElseThrow();
        old.trouble(ApiClient.Trouble.UNREACHABLE, SOON.toMillis());
        old.rebootKeepingRun(old.node.nowMillis() - SOON.toMillis() / 2);
        old.killAgent();
        cluster.await(
                "a new primary",
                () -> cluster.primary().filter(pod -> pod != old).isPresent(),
                SOON);
        old.restartAgent();
        cluster.await("all follow", cluster::settled, SOON.multipliedBy(2));
    }

    /** In strict mode the last voter is gone for long, and a person has it forgotten. */
    static void theLastVoterIsToBeRemoved(Mutant mutant, long seed) {
        HaAgentSettings strict = USUAL.with(new SynchronousSettings(SynchronousSettings.Mode.QUORUM, true, 1));
        Cluster cluster = formed(strict, mutant, seed);
        Pod primary = cluster.primary().orElseThrow();
        cluster.othersThan(primary).forEach(Pod::crash);
        cluster.time.runFor(Duration.ofSeconds(75));
        String voter = cluster.record().voters().getFirst().pod();
        primary.ask(new Request.Remove("r1", voter));
        cluster.time.runFor(Duration.ofSeconds(5));
        cluster.pods.forEach(Pod::comeBack);
        cluster.await("all follow", cluster::settled, SOON);
    }

    static void seeds(Mutant mutant, List<Long> seeds) {
        for (long seed : seeds) {
            Simulation.run(seed, mutant, new Coverage()).failure().ifPresent(failure -> {
                throw new Violation("seed " + seed + ": " + failure);
            });
        }
    }
}
