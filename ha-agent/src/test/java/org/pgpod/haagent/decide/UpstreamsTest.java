package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.Voters;

/** From whom demo-1 streams and is cloned, while demo-0 is the primary and demo-2 a standby that may stand in for it. */
class UpstreamsTest {
    private static final Upstream TWO = new Upstream("demo-2", "10.0.0.3", 5432);

    /** What the member Lease of a standby says whose agent finds all well. */
    private static void well(ObjectNode status) {
        status.put("state", "streaming").put("reason", "FOLLOW_STREAMING upstream=demo-0");
    }

    private static Given tagged(Map<String, String> own) {
        return new Given().tagged(1, own).changed(2, UpstreamsTest::well);
    }

    private static Given cascaded() {
        return tagged(Map.of("replicatefrom", "demo-2"));
    }

    private static Given streamingFromTwo() {
        Given given = cascaded();
        given.loaded = Optional.of(new PostgresSettings.Standby(Given.SELF, TWO));
        return given;
    }

    private static Optional<String> upstream(Given given) {
        Decision decision = given.decide();
        return decision.action() instanceof Action.Configure(PostgresSettings.Standby standby)
                ? Optional.of(standby.upstream().pod())
                : Upstreams.followed(given.observation()).map(Upstream::pod);
    }

    @Test
    void aMemberStreamsFromTheStandbyThatItsTagNames() {
        assertThat(cascaded().decide().action())
                .isEqualTo(new Action.Configure(new PostgresSettings.Standby(Given.SELF, TWO)));
        assertThat(streamingFromTwo().decide().reason())
                .isEqualTo(Reason.of(Reason.Code.FOLLOW_STREAMING, "upstream=demo-2"));
    }

    static Stream<Consumer<Given>> unsound() {
        return Stream.of(
                given -> given.changed(2, status -> status.put("state", "running")),
                given -> given.changed(2, status -> status.put("state", "frozen")),
                given -> given.changed(2, status -> status.put("role", "primary")),
                given -> given.changed(2, status -> status.put("timeline", 1)),
                given -> given.changed(2, status -> status.put("epoch", 4)),
                given -> given.changed(2, status -> status.put("systemId", "99")),
                given -> given.changed(2, status -> status.put("destroying", "rewind")),
                given -> given.changed(2, status -> status.put("storage", "failing")),
                given -> given.changed(2, status -> status.put("reason", "REJOIN_STOP timeline=2 lsn=0/5")),
                given -> given.voteOf(2, Given.END),
                given -> given.silent(2),
                given -> given.members.removeLast());
    }

    @ParameterizedTest
    @MethodSource("unsound")
    void nobodyGoesToAStandbyOfWhichItIsNotKnownThatItHasTheClustersWal(Consumer<Given> change) {
        Given given = cascaded();
        change.accept(given);

        assertThat(upstream(given)).contains("demo-0");
    }

    @Test
    void aStreamThatWorksIsKeptWhileTheOthersAgentIsBusyWithSomethingElse() {
        assertThat(upstream(streamingFromTwo()
                        .changed(2, status -> status.put("reason", "DUTY_MARK"))
                        .silent(2)))
                .contains("demo-2");
    }

    @Test
    void aStandbyThatIsFedNoMoreIsLeft() {
        assertThat(upstream(streamingFromTwo().changed(2, status -> status.put("state", "running"))))
                .contains("demo-0");
    }

    @Test
    void aStreamThatIsBrokenIsNoReasonToStayWithABusyStandby() {
        Given given = streamingFromTwo().changed(2, status -> status.put("reason", "RESTART_REQUESTED"));
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.CONNECTING, false);

        assertThat(upstream(given)).contains("demo-0");
    }

    @Test
    void standbysThatWouldFollowEachOtherStreamFromThePrimary() {
        Given pair = cascaded().changed(2, status -> status.putObject("tags").put("replicatefrom", "demo-1"));
        Given itself = tagged(Map.of("replicatefrom", "demo-1"));
        Given circle = cascaded().changed(2, status -> status.putObject("tags").put("replicatefrom", "demo-3"));
        circle.members.add(Given.member("demo-3", 3, Given.END, Optional.empty()));
        circle.changed(3, status -> status.putObject("tags").put("replicatefrom", "demo-2"));

        assertThat(upstream(pair)).contains("demo-0");
        assertThat(upstream(itself)).contains("demo-0");
        assertThat(upstream(circle)).contains("demo-0");
    }

    @Test
    void aChainThatEndsAtThePrimaryIsNoCircleWhateverThePrimarysTagSays() {
        Given given = cascaded()
                .changed(2, status -> status.putObject("tags").put("replicatefrom", "demo-0"))
                .changed(0, status -> status.putObject("tags").put("replicatefrom", "demo-1"));

        assertThat(upstream(given)).contains("demo-2");
    }

    @Test
    void aRecordedVoterStaysWithThePrimaryUntilTheRecordDoesWithoutIt() {
        Given given = cascaded()
                .record(next -> next.mode(ClusterRecord.Mode.SYNC, false).promise(new Voters(List.of(Given.SELF), 1)));

        assertThat(upstream(given)).contains("demo-0");
    }

    @Test
    void anUpstreamThatFeedsNothingIsLeftForAWhileHoweverWellItLooks() {
        Given given = streamingFromTwo();
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.CONNECTING, false);
        given.memory = given.memory
                .change()
                .cascade(new Cascade(Given.NOW - Cascade.PATIENCE.toMillis() + 1, Optional.empty(), 0, 0))
                .build();
        assertThat(upstream(given)).contains("demo-2");

        given.memory = given.memory
                .change()
                .cascade(new Cascade(Given.NOW - Cascade.PATIENCE.toMillis(), Optional.empty(), 0, 2))
                .build();
        Decision left = given.decide();

        assertThat(left.action())
                .isEqualTo(new Action.Configure(new PostgresSettings.Standby(Given.SELF, Given.PRIMARY)));
        assertThat(left.memory().cascade())
                .isEqualTo(new Cascade(0, Optional.of("demo-2"), Given.NOW + 4 * Cascade.REST.toMillis(), 3));
        Given later = cascaded();
        later.memory = left.memory();
        assertThat(upstream(later)).contains("demo-0");
        later.memory = left.memory()
                .change()
                .cascade(new Cascade(0, Optional.of("demo-2"), Given.NOW, 3))
                .build();
        assertThat(upstream(later)).contains("demo-2");

        Given fed = streamingFromTwo();
        fed.memory = later.memory;
        assertThat(fed.decide().memory().cascade()).isEqualTo(Cascade.NONE);
    }

    @Test
    void whatAStandbyLacksIsNoWordOnWhatThePrimaryHas() {
        Given given = streamingFromTwo();
        given.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.CONNECTING, false);
        given.changed(0, status -> status.put("data", "000000a0").put("oldestWal", "0/6000000"));
        Watch starved = Watch.NONE.withStarved(Given.NOW - Duration.ofMinutes(1).toMillis(), Optional.empty());
        given.memory = given.memory.change().watch(starved).build();

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_WAIT_STREAM);
    }

    @Test
    void aTimelineThatCameWithTheStreamOfAStandbyIsNoDivergenceBeforeTheLeaseIsReadAgain() {
        Given streams = streamingFromTwo();
        streams.database = Given.standby(3, Given.END, DatabaseFacts.Receiver.STREAMING, false);
        assertThat(streams.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_STALE_LEASE);

        Given stopped = streamingFromTwo().down().control("shut down in recovery", 3, Given.END, Given.END);
        stopped.readMillis = Given.NOW - 101;
        assertThat(stopped.decide().reason().code()).isEqualTo(Reason.Code.FOLLOW_STALE_LEASE);

        stopped.readMillis = Given.NOW - 100;
        assertThat(stopped.decide().action()).isEqualTo(new Action.Rewind(Given.PRIMARY));
    }

    @Test
    void aCopyIsMadeOfAStandbyThatOffersItself() {
        Given given = new Given()
                .emptyVolume()
                .changed(2, UpstreamsTest::well)
                .changed(2, status -> status.putObject("tags").put("clonefrom", "true"));

        assertThat(given.decide().action()).isEqualTo(new Action.Clone(Optional.empty(), TWO, List.of()));
    }

    static Stream<Consumer<Given>> unfitForCopies() {
        return Stream.concat(
                unsound(),
                Stream.of(
                        given -> given.changed(2, status -> status.put("checkpointTimeline", 1)),
                        given -> given.changed(2, status -> status.putObject("tags")),
                        given -> given.memory = given.memory
                                .change()
                                .copying(new Copying(1, true, 0))
                                .build()));
    }

    @ParameterizedTest
    @MethodSource("unfitForCopies")
    void noCopyIsMadeOfAStandbyOfWhichItIsNotKnownThatItHasTheClustersHistory(Consumer<Given> change) {
        Given given = new Given()
                .emptyVolume()
                .changed(2, UpstreamsTest::well)
                .changed(2, status -> status.putObject("tags").put("clonefrom", "true"));
        change.accept(given);

        assertThat(given.decide().action()).isEqualTo(new Action.Clone(Optional.empty(), Given.PRIMARY, List.of()));
    }

    @Test
    void theCopyThatIsReplacedIsGuardedAsBefore() {
        Given given = new Given()
                .record(next -> next.timeline(new Timeline(2))
                        .mode(ClusterRecord.Mode.SYNC, false)
                        .promise(new Voters(List.of(Given.SELF), 1)))
                .changed(2, UpstreamsTest::well)
                .changed(2, status -> status.putObject("tags").put("clonefrom", "true"))
                .down()
                .asked(new Request.Reinitialize("r1"));

        assertThat(given.decide().reason().code()).isEqualTo(Reason.Code.REJOIN_WAIT_VOTERS);
    }

    @Test
    void amongThoseThatOfferThemselvesOneOfTheOwnZoneComesFirst() {
        Given given = new Given().emptyVolume().changed(0, status -> status.put("zone", "z"));
        given.members.add(Given.member("demo-3", 3, Given.END, Optional.empty()));
        for (int number : List.of(2, 3)) {
            given.changed(number, UpstreamsTest::well)
                    .changed(number, status -> status.putObject("tags").put("clonefrom", "true"));
        }
        given.changed(2, status -> status.put("zone", "far"));

        assertThat(given.decide().action())
                .isInstanceOfSatisfying(
                        Action.Clone.class,
                        clone -> assertThat(clone.upstream().pod()).isEqualTo("demo-3"));
    }

    @Test
    void aMemberThatWouldRatherStreamFromAStandbyIsNeverAVoter() {
        SynchronyTest primary = new SynchronyTest();
        primary.wanted(SynchronousSettings.Mode.QUORUM, false, 1);
        primary.given.tagged(2, Map.of("replicatefrom", "demo-0"));

        assertThat(primary.decide().action())
                .isEqualTo(new Action.Configure(
                        new PostgresSettings.Primary(Given.SELF, new SynchronousSet(1, List.of(SynchronyTest.ZERO)))));
    }
}
