package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.port.PodPort;

/** The real loop of three agents in memory; virtual time makes every run the same. */
class AgentLoopTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static Cluster formed() {
        Cluster cluster = Cluster.started(Cluster.Plan.of(3), 1);
        cluster.await("the cluster forms", cluster::settled, SOON);
        cluster.time.runFor(Duration.ofSeconds(10));
        return cluster;
    }

    @Test
    void exactlyOneMemberFoundsTheClusterAndTheOthersCloneIt() {
        Cluster cluster = formed();

        assertThat(cluster.api.takeOvers).hasSize(1);
        assertThat(cluster.pods.stream().map(pod -> pod.volume.state.systemId()).distinct())
                .hasSize(1);
        Pod primary = cluster.primary().orElseThrow();
        cluster.await("pods are labelled", () -> cluster.api.labels.size() == 3, SOON);
        assertThat(cluster.api.labels).containsEntry(primary.name, PodPort.RoleLabel.PRIMARY);
        assertThat(cluster.api.labels.values())
                .filteredOn(PodPort.RoleLabel.REPLICA::equals)
                .hasSize(2);
        cluster.await(
                "every standby has a slot",
                () -> primary.volume.data.orElseThrow().slots.size() == 2,
                SOON);
    }

    @Test
    void aQuietClusterStaysAsItIs() {
        Cluster cluster = formed();
        List<String> before = List.copyOf(cluster.api.takeOvers);
        cluster.longestGapMillis = 0;

        cluster.time.runFor(Duration.ofMinutes(5));

        assertThat(cluster.api.takeOvers).isEqualTo(before);
        assertThat(cluster.settled()).isTrue();
        assertThat(cluster.longestGapMillis).isLessThan(100);
    }

    @Test
    void afterALossOfThePrimaryExactlyOneTakesOverAndTheRestFollow() {
        Cluster cluster = formed();
        Pod lost = cluster.primary().orElseThrow();
        cluster.longestGapMillis = 0;
        lost.crash();

        cluster.await("a new primary", () -> cluster.settledWithout(List.of(lost)), SOON);

        assertThat(cluster.api.takeOvers).hasSize(2);
        assertThat(cluster.record().timeline()).isEqualTo(new Timeline(2));
        assertThat(cluster.record().history().entries()).hasSize(2);
        assertThat(cluster.longestGapMillis).isLessThan(10_000);
    }

    @Test
    void theOldPrimaryComesBackByRewind() {
        Cluster cluster = formed();
        Pod lost = cluster.primary().orElseThrow();
        cluster.network.isolate(lost);
        cluster.time.runFor(Duration.ofSeconds(1));
        lost.crash();
        cluster.await("a new primary", () -> cluster.settledWithout(List.of(lost)), SOON);

        cluster.network.heal(lost);
        lost.comeBack();

        cluster.await("the old primary follows", cluster::settled, SOON);
        assertThat(cluster.rewinds).containsExactly(lost.name);
        cluster.await(
                "it notes its timeline", () -> lost.volume.state.timeline().equals(Optional.of(new Timeline(2))), SOON);
    }

    @Test
    void anIsolatedPrimaryIsFencedBeforeAnotherTakesOver() {
        Cluster cluster = formed();
        Pod isolated = cluster.primary().orElseThrow();
        isolated.trouble(ApiClient.Trouble.UNREACHABLE, Long.MAX_VALUE / 2);
        long cut = cluster.time.nowMillis();

        cluster.await("it is fenced", () -> !writable(isolated), SOON);
        long fenced = cluster.time.nowMillis();
        assertThat(fenced - cut).isLessThanOrEqualTo(5_000);
        assertThat(cluster.api.takeOvers).hasSize(1);
        cluster.await("another takes over", () -> cluster.settledWithout(List.of(isolated)), SOON);
        isolated.repair();
        cluster.await("it follows", cluster::settled, SOON);
        assertThat(cluster.api.takeOvers).hasSize(2);
    }

    @Test
    void aHungAgentLosesThePrimaryAndFencesAllTheSame() {
        Cluster cluster = formed();
        Pod hung = cluster.primary().orElseThrow();
        hung.killAgent();

        cluster.await("another takes over", () -> cluster.settledWithout(List.of(hung)), SOON);

        assertThat(hung.server()).isEmpty();
        assertThat(cluster.primary()).isNotEqualTo(Optional.of(hung));
    }

    @Test
    void anAgentThatRestartsWithinItsTermKeepsThePrimary() {
        Cluster cluster = formed();
        Pod primary = cluster.primary().orElseThrow();
        int takeOvers = cluster.api.takeOvers.size();
        primary.killAgent();
        cluster.time.runFor(Duration.ofSeconds(1));
        primary.restartAgent();

        cluster.time.runFor(Duration.ofSeconds(30));

        assertThat(cluster.api.takeOvers).hasSize(takeOvers);
        assertThat(writable(primary)).isTrue();
        assertThat(cluster.settled()).isTrue();
    }

    @Test
    void aTermIsNotProlongedWhileTheSupervisorIsSilent() {
        Cluster cluster = formed();
        Pod silent = cluster.primary().orElseThrow();
        silent.supervisor.die();

        cluster.await("another takes over", () -> cluster.settledWithout(List.of(silent)), SOON);

        assertThat(silent.run.token.orElseThrow().role()).isNotEqualTo(LeaseToken.Role.PRIMARY);
    }

    @Test
    void aCrashedPostgresIsStartedAgainInTheSameTerm() {
        Cluster cluster = formed();
        Pod primary = cluster.primary().orElseThrow();
        primary.supervisor.postmasterDied();

        cluster.await("it serves again", cluster::settled, SOON);

        assertThat(cluster.api.takeOvers).hasSize(1);
        assertThat(cluster.primary()).contains(primary);
    }

    @Test
    void aPlannedSwitchoverMovesThePrimaryWithoutLosingAByte() {
        Cluster cluster = formed();
        Pod old = cluster.primary().orElseThrow();
        Pod chosen = cluster.othersThan(old).getLast();
        cluster.longestGapMillis = 0;
        old.agent.requests().submit(new Request.Switchover("s1", Optional.of(chosen.name)));

        cluster.await("the chosen one is the primary", () -> cluster.primary().equals(Optional.of(chosen)), SOON);
        cluster.await("the old primary follows", cluster::settled, SOON);

        assertThat(old.agent.requests().answerTo("s1")).containsInstanceOf(RequestAnswer.Done.class);
        assertThat(cluster.rewinds).isEmpty();
        assertThat(cluster.longestGapMillis).isLessThan(2_500);
        assertThat(cluster.record().clean()).isFalse();
    }

    @Test
    void clientsStayHeldFromTheOldPrimaryUntilTheNewOneServes() {
        Cluster cluster = formed();
        Pod old = cluster.primary().orElseThrow();
        old.agent.requests().submit(new Request.Switchover("s1", Optional.empty()));
        cluster.await("held", () -> phase(old) == LeaseToken.Phase.HOLD, SOON);

        cluster.await("let go", () -> phase(old) != LeaseToken.Phase.HOLD, SOON);

        Pod now = cluster.primary().orElseThrow();
        assertThat(now).isNotSameAs(old);
        assertThat(old.run.token.orElseThrow().leader()).isEqualTo(now.address + ":5432");
    }

    private static boolean writable(Pod pod) {
        return pod.server().filter(Server::writable).isPresent();
    }

    private static LeaseToken.Phase phase(Pod pod) {
        return pod.run.token.map(LeaseToken::phase).orElse(LeaseToken.Phase.CUT);
    }

    @Test
    void aSwitchoverToAnUnknownMemberIsRefusedAndChangesNothing() {
        Cluster cluster = formed();
        Pod primary = cluster.primary().orElseThrow();
        primary.agent.requests().submit(new Request.Switchover("s1", Optional.of("stranger")));

        cluster.time.runFor(Duration.ofSeconds(5));

        assertThat(primary.agent.requests().answerTo("s1")).containsInstanceOf(RequestAnswer.Refused.class);
        assertThat(cluster.primary()).contains(primary);
    }

    @Test
    void ifTheChosenOneVanishesTheOldPrimaryOrAnotherServesAgain() {
        Cluster cluster = formed();
        Pod old = cluster.primary().orElseThrow();
        Pod chosen = cluster.othersThan(old).getFirst();
        old.agent.requests().submit(new Request.Switchover("s1", Optional.of(chosen.name)));
        cluster.await(
                "released",
                () -> cluster.api.leader().filter(view -> !view.isHeld()).isPresent(),
                SOON);
        chosen.crash();

        cluster.await("somebody serves", () -> cluster.settledWithout(List.of(chosen)), SOON);
    }

    @Test
    void aTakeOverWhoseAnswerIsLostIsStillOurs() {
        Cluster cluster = formed();
        Pod lost = cluster.primary().orElseThrow();
        lost.crash();
        cluster.othersThan(lost).forEach(pod -> pod.trouble(ApiClient.Trouble.ANSWER_LOST, 7_000));

        cluster.await("a new primary", () -> cluster.settledWithout(List.of(lost)), SOON);

        assertThat(cluster.api.takeOvers).hasSize(2);
    }

    @Test
    void aForeignWriteOfTheLeaseIsTakenUpWithoutInterruption() {
        Cluster cluster = formed();
        cluster.longestGapMillis = 0;
        cluster.api.annotateLeader();

        cluster.time.runFor(Duration.ofSeconds(20));

        assertThat(cluster.longestGapMillis).isLessThan(100);
        assertThat(cluster.api.takeOvers).hasSize(1);
    }

    @Test
    void theHolderMakesADeletedLeaseAgainInTheNextEpoch() {
        Cluster cluster = formed();
        Pod primary = cluster.primary().orElseThrow();
        Epoch before = cluster.record().epoch();
        cluster.longestGapMillis = 0;
        cluster.api.deleteLeader();

        cluster.time.runFor(Duration.ofSeconds(20));

        assertThat(cluster.record().epoch()).isEqualTo(before.next());
        assertThat(cluster.primary()).contains(primary);
        assertThat(cluster.longestGapMillis).isLessThan(100);
        assertThat(cluster.settled()).isTrue();
    }

    @Test
    void aMemberThatCannotPromoteGivesTheLeaseToAnother() {
        Cluster cluster = formed();
        Pod lost = cluster.primary().orElseThrow();
        cluster.othersThan(lost).getFirst().refusesPromotion = true;
        lost.crash();

        cluster.await("the other one serves", () -> cluster.primary().isPresent(), Duration.ofMinutes(2));

        assertThat(cluster.primary()).contains(cluster.othersThan(lost).getLast());
        assertThat(cluster.record().failed()).isEmpty();
    }

    @Test
    void afterALossOfAllPodsTheLastPrimaryIsElected() {
        Cluster cluster = formed();
        Pod last = cluster.primary().orElseThrow();
        cluster.network.isolate(last);
        cluster.time.runFor(Duration.ofSeconds(1));
        cluster.pods.forEach(Pod::crash);
        cluster.time.runFor(Duration.ofMinutes(1));
        cluster.network.heal(last);
        cluster.pods.forEach(Pod::comeBack);

        cluster.await("all serve again", cluster::settled, Duration.ofMinutes(1));

        assertThat(cluster.primary()).contains(last);
    }

    @Test
    void aPausedClusterElectsNobodyButFences() {
        Cluster cluster = formed();
        Pod primary = cluster.primary().orElseThrow();
        primary.agent.requests().submit(new Request.Pause("p1", true));
        cluster.await("paused", () -> cluster.record().pause(), SOON);
        primary.killAgent();

        cluster.time.runFor(Duration.ofMinutes(1));

        assertThat(cluster.api.takeOvers).hasSize(1);
        assertThat(primary.server()).isEmpty();
    }

    @Test
    void aStandbyIsClonedAnewOnRequest() {
        Cluster cluster = formed();
        Pod standby = cluster.othersThan(cluster.primary().orElseThrow()).getFirst();
        var before = standby.volume.state.data();
        standby.agent.requests().submit(new Request.Reinitialize("r1"));

        cluster.await("cloned", () -> !standby.volume.state.data().equals(before), SOON);
        cluster.await("streaming again", cluster::settled, SOON);

        assertThat(standby.agent.requests().answerTo("r1")).containsInstanceOf(RequestAnswer.Done.class);
    }

    @Test
    void aRestartOfThePrimaryKeepsItsTerm() {
        Cluster cluster = formed();
        Pod primary = cluster.primary().orElseThrow();
        primary.agent.requests().submit(new Request.Restart("r1"));

        cluster.await(
                "answered",
                () -> primary.agent.requests().answerTo("r1").orElse(null) instanceof RequestAnswer.Done,
                SOON);
        cluster.await("serving", cluster::settled, SOON);

        assertThat(cluster.api.takeOvers).hasSize(1);
    }
}
