package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.PodOutlook;
import org.pgpod.haagent.model.RequestAnswer;

/** When the primary leaves a pod that is being deleted, or a node that was cordoned, and when it stays. */
class DepartureTest {
    private static final PodOutlook LEAVING = new PodOutlook(true, false);
    private static final PodOutlook CORDONED = new PodOutlook(false, true);

    private static Given primary(PodOutlook outlook) {
        Given given = new Given()
                .mine()
                .changed(0, json -> json.put("state", "streaming"))
                .changed(2, json -> json.put("state", "streaming"));
        given.outlook = outlook;
        return given;
    }

    private static Optional<String> handover(Given given) {
        return given.decide().memory().handover().map(Memory.Handover::candidate);
    }

    @Test
    void aPrimaryThatIsDeletedHandsOverAtOnce() {
        assertThat(handover(primary(LEAVING))).contains("demo-0");
        assertThat(handover(primary(LEAVING).tagged(0, Map.of("nofailover", "true"))))
                .contains("demo-2");
        assertThat(handover(primary(PodOutlook.CALM))).isEmpty();
    }

    @Test
    void withNobodyToTakeOverItGoesOnServing() {
        for (Given alone : List.of(
                primary(LEAVING).silent(0).silent(2),
                primary(LEAVING).tagged(0, Map.of("nofailover", "true")).tagged(2, Map.of("nofailover", "true")),
                primary(LEAVING).record(next -> next.pause(true)))) {
            Decision decision = alone.decide();
            assertThat(decision.memory().handover()).isEmpty();
            assertThat(decision.reason().code()).isNotEqualTo(Reason.Code.SWITCHOVER_ABORT);
        }
    }

    @Test
    void itIsTriedAgainAfterAWhileWhenItFailed() {
        Given given = primary(LEAVING);
        String attempt = given.decide().memory().handover().orElseThrow().requestId();
        given.memory = given.memory
                .change()
                .answer(attempt, new RequestAnswer.Failed("the checkpoint failed"))
                .build();
        assertThat(handover(given)).isEmpty();
        given.memory = given.memory
                .change()
                .answer("leaving-1", new RequestAnswer.Failed("an earlier one"))
                .build();
        assertThat(handover(given)).isPresent();
    }

    @Test
    void aMemberThatIsDeletedTellsTheOthersThatItIsNoCandidate() {
        Given standby = new Given();
        standby.outlook = LEAVING;
        assertThat(standby.decide().status().tags().excludesFailover()).isTrue();
        assertThat(standby.decide().status().tags().excludesSynchronous()).isTrue();
        standby.outlook = CORDONED;
        assertThat(standby.decide().status().tags().isCordoned()).isTrue();
        assertThat(standby.decide().status().tags().excludesFailover()).isFalse();
    }

    @Test
    void aCordonedNodeIsLeftForOneThatIsNot() {
        assertThat(handover(primary(CORDONED))).contains("demo-0");
        assertThat(handover(primary(CORDONED).tagged(0, Map.of("cordoned", "true"))))
                .contains("demo-2");
        assertThat(handover(primary(CORDONED).tagged(2, Map.of("failoverPriority", "3"))))
                .contains("demo-2");
    }

    @Test
    void aCordonedNodeIsNotLeftForAWorsePlace() {
        Map<String, String> cordoned = Map.of("cordoned", "true");
        for (Given given : List.of(
                primary(CORDONED).tagged(0, cordoned).tagged(2, cordoned),
                primary(CORDONED)
                        .changed(0, json -> json.put("state", "running"))
                        .changed(2, json -> json.put("storage", "full")),
                primary(CORDONED).record(next -> next.pause(true)),
                primary(CORDONED).record(next -> next.failed(List.of("demo-0", "demo-2"))))) {
            assertThat(handover(given)).isEmpty();
        }
    }

    @Test
    void aSwitchoverWithoutANameAvoidsCordonedNodes() {
        Given given = primary(PodOutlook.CALM).tagged(0, Map.of("cordoned", "true", "failoverPriority", "9"));
        assertThat(handover(given.asked(new org.pgpod.haagent.model.Request.Switchover("r1", Optional.empty()))))
                .contains("demo-2");
    }

    @Test
    void aMemberThatIsDeletedIsNotElected() {
        Given given = new Given()
                .expired()
                .voted(Given.END, java.time.Duration.ofSeconds(10))
                .silent(0)
                .silent(2);
        assertThat(given.decide().action()).isInstanceOf(Action.TakeOver.class);
        given.outlook = LEAVING;
        assertThat(given.decide().action()).isNotInstanceOf(Action.LeaseWrite.class);
    }
}
