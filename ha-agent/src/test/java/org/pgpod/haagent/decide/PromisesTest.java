package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PromiseAnswer;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.Voters;

/** demo-1, a recorded voter, is asked by demo-0, which holds the Lease in epoch 5. */
class PromisesTest {
    private static final PromiseRequest REQUEST =
            new PromiseRequest("demo", new Holder("demo-0", "u0"), new Epoch(5), "n");

    private static Given voter(MemberName... voters) {
        return new Given()
                .record(next -> next.mode(ClusterRecord.Mode.SYNC, false).promise(new Voters(List.of(voters), 1)));
    }

    private static Promises.Given asked(Given given, PromiseRequest request) {
        return Promises.answer(given.observation(), given.memory, request);
    }

    private static void assertRefused(Given given, PromiseRequest request) {
        Promises.Given answer = asked(given, request);
        assertThat(answer.answer()).isInstanceOf(PromiseAnswer.Refused.class);
        assertThat(answer.memory()).isEqualTo(given.memory);
    }

    @Test
    void aVoterPromisesTheHolderAndThenTakesNoPartInAnElection() {
        Given given = voter(Given.SELF);
        Promises.Given answer = asked(given, REQUEST);
        assertThat(answer.answer()).isEqualTo(new PromiseAnswer.Promised(Given.SELF));

        Given later = voter(Given.SELF).expired();
        later.memory = answer.memory();
        Decision decision = later.decide();
        assertThat(decision.action()).isNotInstanceOf(Action.Configure.class);
        assertThat(decision.reason().code().name()).doesNotStartWith("ELECTION");
    }

    @Test
    void aPromiseEnds() {
        Given later = voter(Given.SELF).expired();
        later.memory = later.memory
                .change()
                .promise(new Memory.Promise("demo-0/u0", new Epoch(5), Given.NOW))
                .build();

        assertThat(later.decide().reason().code()).isEqualTo(Reason.Code.ELECTION_FREEZE);
    }

    @Test
    void aPromiseToOneHolderDoesNotBindTowardsAnother() {
        Given later = voter(Given.SELF).expired();
        later.memory = later.memory
                .change()
                .promise(new Memory.Promise("demo-2/u2", new Epoch(5), Given.NOW + 5_000))
                .build();

        assertThat(later.decide().reason().code()).isEqualTo(Reason.Code.ELECTION_FREEZE);
    }

    @Test
    void nobodyElseThanTheHolderInItsEpochIsPromisedAnything() {
        assertRefused(voter(Given.SELF), new PromiseRequest("demo", new Holder("demo-2", "u2"), new Epoch(5), "n"));
        assertRefused(voter(Given.SELF), new PromiseRequest("demo", new Holder("demo-0", "u9"), new Epoch(5), "n"));
        assertRefused(voter(Given.SELF), new PromiseRequest("demo", new Holder("demo-0", "u0"), new Epoch(4), "n"));
        assertRefused(voter(Given.SELF), new PromiseRequest("other", new Holder("demo-0", "u0"), new Epoch(5), "n"));
    }

    @Test
    void oneWhoIsNoVoterByItsDataPromisesNothing() {
        assertRefused(voter(new MemberName("demo-1", new DataId("000000ff"))), REQUEST);
        assertRefused(new Given(), REQUEST);
    }

    @Test
    void oneWhoFrozeOrVotedPromisesNothing() {
        Given voted = voter(Given.SELF).expired().voted(Given.END, java.time.Duration.ofSeconds(1));
        assertRefused(voted, REQUEST);

        Given frozen = voter(Given.SELF);
        frozen.volume = frozen.frozen(Optional.of(Given.VERSION));
        assertRefused(frozen, REQUEST);
    }
}
