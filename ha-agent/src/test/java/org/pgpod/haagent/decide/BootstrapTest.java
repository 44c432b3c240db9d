package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.BootstrapSettings;
import org.pgpod.haagent.model.CloneSettings;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.PostgresSettings;
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

    private static Given begins(Given given, BootstrapSettings.Method method, Optional<String> member) {
        given.settings = given.settings.with(
                new BootstrapSettings(method, member, List.of("restore"), Map.of("recovery_target", "immediate")),
                CloneSettings.STANDARD);
        return given;
    }

    private static Given nobodyHasData() {
        Given given = new Given().emptyVolume();
        given.members.replaceAll(member ->
                new MemberSighting(Given.bare(member.status()), member.resourceVersion(), member.changedMillis()));
        return given;
    }

    @Test
    void onlyTheNamedMemberFoundsTheCluster() {
        for (BootstrapSettings.Method method : BootstrapSettings.Method.values()) {
            Given absent = nobodyHasData();
            absent.leaseExists = false;
            assertThat(reason(begins(absent, method, Optional.of("demo-0"))))
                    .isEqualTo(Reason.Code.BOOTSTRAP_WAIT_FOUNDER);
            assertThat(action(begins(absent, method, Optional.of("demo-1")))).isInstanceOf(Action.CreateLease.class);

            Given vacant = nobodyHasData().expired();
            vacant.record(next -> next.phase(ClusterRecord.Phase.BOOTSTRAP).history(TimelineHistory.EMPTY));
            assertThat(reason(begins(vacant, method, Optional.of("demo-0"))))
                    .isEqualTo(Reason.Code.BOOTSTRAP_WAIT_FOUNDER);
            assertThat(action(begins(vacant, method, Optional.of("demo-1")))).isInstanceOf(Action.TakeOver.class);
        }
    }

    @Test
    void nothingIsAdoptedWhereAClusterIs() {
        Given given = new Given().emptyVolume();
        given.leaseExists = false;
        assertThat(reason(begins(given, BootstrapSettings.Method.ADOPT, Optional.of("demo-1"))))
                .isEqualTo(Reason.Code.BLOCKED_LEASE_MISSING);
        assertThat(action(begins(new Given().emptyVolume(), BootstrapSettings.Method.ADOPT, Optional.of("demo-1"))))
                .isNotInstanceOf(Action.LeaseWrite.class);
    }

    @Test
    void firstDataThatCannotBeHadBlock() {
        Given given = begins(founder().emptyVolume(), BootstrapSettings.Method.ADOPT, Optional.of("demo-1"));
        Decision first = given.decide();
        assertThat(first.action()).isInstanceOf(Action.Initdb.class);

        Decision failed = reported(given, first, Optional.of("rc=73 in use"), Given.NOW - 10)
                .decide();
        assertThat(failed.reason()).isEqualTo(Reason.of(Reason.Code.BLOCKED_BOOTSTRAP, "rc=73 in use"));
    }

    private static Given restored() {
        return begins(founder(), BootstrapSettings.Method.RESTORE, Optional.empty());
    }

    @Test
    void aRestoredCopyRecoversAndIsRestartedBeforeItIsAnnounced() {
        Given given = restored().down();
        Decision start = given.decide();
        assertThat(start.action())
                .isInstanceOfSatisfying(
                        Action.StartPrimary.class,
                        action -> assertThat(action.settings())
                                .isEqualTo(new PostgresSettings.Recovering(
                                        Given.SELF, Map.of("recovery_target", "immediate"))));

        given = reported(restored(), start, Optional.empty(), Given.NOW - 5_000);
        given.loaded = Optional.of(((Action.StartPrimary) start.action()).settings());
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, false);
        assertThat(given.decide().reason()).isEqualTo(Reason.of(Reason.Code.BOOTSTRAP_WAIT, "in recovery"));
        assertThat(given.decide().token().phase()).isEqualTo(LeaseToken.Phase.CATCHUP);

        given.database = Given.primary(3, Given.END);
        Decision reached = given.decide();
        assertThat(reached.reason().code()).isEqualTo(Reason.Code.BOOTSTRAP_RECOVERED);
        assertThat(reached.action()).isInstanceOf(Action.Stop.class);

        given.memory = reached.memory();
        assertThat(action(given.down()))
                .isInstanceOfSatisfying(
                        Action.StartPrimary.class,
                        again -> assertThat(again.settings()).isInstanceOf(PostgresSettings.Primary.class));
    }

    @Test
    void aRecoveryThatEndsBeforeItsTargetBlocksAndIsTriedAgain() {
        Given given = restored().down();
        Decision start = given.decide();
        given = reported(given, start, Optional.empty(), Given.NOW - 5_000);
        given.exit = 1;
        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.BLOCKED_BOOTSTRAP);
        assertThat(given.decide().action()).isEqualTo(new Action.Nothing());

        given = reported(restored().down(), start, Optional.empty(), Given.NOW - 60_000);
        given.exit = 1;
        assertThat(given.decide().action()).isInstanceOf(Action.StartPrimary.class);
    }
}
