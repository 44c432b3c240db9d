package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.TimelineHistory;

/** How a cluster begins, up to the moment at which clients come in. */
class BootstrapTest {
    private static Action action(Given given) {
        return given.decide().action();
    }

    private static Reason.Code reason(Given given) {
        return given.decide().reason().code();
    }

    /** We founded the cluster, its first server writes and has pgpod's roles. */
    static Given founder() {
        return new Given()
                .record(next -> next.phase(ClusterRecord.Phase.BOOTSTRAP).history(TimelineHistory.EMPTY))
                .mine();
    }

    private static Given reported(Given given, Decision decided, Optional<String> failure, long atMillis) {
        given.memory = decided.memory();
        given.finished = Optional.of(new ActionReport(1, decided.action(), failure, "", atMillis));
        return given;
    }

    @Test
    void aNewClusterIsPopulatedBeforeItIsAnnounced() {
        Given given = founder();
        Decision first = given.decide();
        assertThat(first.action()).isInstanceOf(Action.Populate.class);
        assertThat(first.reason().code()).isEqualTo(Reason.Code.BOOTSTRAP_POPULATE);
        assertThat(first.token().phase()).isEqualTo(LeaseToken.Phase.CATCHUP);

        Decision next = reported(given, first, Optional.empty(), Given.NOW - 10).decide();
        assertThat(next.reason().code()).isEqualTo(Reason.Code.BOOTSTRAP_OPEN);
        assertThat(next.action()).isInstanceOf(Action.WriteRecord.class);
    }

    @Test
    void whatCannotBeMadeBlocksTheClusterSaysWhyAndIsTriedAgain() {
        Given given = founder();
        Decision first = given.decide();
        Decision failed = reported(given, first, Optional.of("app=/sql/1.sql: line 3: no"), Given.NOW - 10)
                .decide();
        assertThat(failed.action()).isEqualTo(new Action.Nothing());
        assertThat(failed.reason()).isEqualTo(Reason.of(Reason.Code.BLOCKED_BOOTSTRAP, "app=/sql/1.sql: line 3: no"));
        assertThat(failed.token().phase()).isEqualTo(LeaseToken.Phase.CATCHUP);

        Decision again =
                reported(given, first, Optional.of("no"), Given.NOW - 60_000).decide();
        assertThat(again.action()).isInstanceOf(Action.Populate.class);
        assertThat(again.reason().code()).isEqualTo(Reason.Code.BLOCKED_BOOTSTRAP);
    }

    @Test
    void aClusterThatWasNeverOpenedIsNotElectedButFoundedOn() {
        Given given = new Given()
                .record(next -> next.phase(ClusterRecord.Phase.BOOTSTRAP).history(TimelineHistory.EMPTY))
                .expired();
        assertThat(action(given)).isInstanceOf(Action.Stop.class);

        assertThat(action(given.down())).isInstanceOfSatisfying(Action.TakeOver.class, takeOver -> {
            assertThat(takeOver.resourceVersion()).isEqualTo(Given.VERSION);
            assertThat(takeOver.draft().record().phase()).isEqualTo(ClusterRecord.Phase.BOOTSTRAP);
            assertThat(takeOver.draft().record().epoch()).isEqualTo(new Epoch(6));
            assertThat(takeOver.draft().record().systemId()).contains(Given.SYSTEM);
        });
        given.postgres = SupervisorState.Postgres.STARTING;
        assertThat(reason(given)).isEqualTo(Reason.Code.BOOTSTRAP_RESUME);
    }

    @Test
    void aClusterThatWasOpenedIsElectedAsEver() {
        assertThat(reason(new Given().expired())).isNotEqualTo(Reason.Code.BOOTSTRAP_RESUME);
    }
}
