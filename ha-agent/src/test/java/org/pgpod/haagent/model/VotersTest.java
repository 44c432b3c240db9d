package org.pgpod.haagent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VotersTest {
    private static final int ROUNDS = 20_000;
    private static final int MEMBERS = 5;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private static MemberName member(int number) {
        return new MemberName("demo-" + number, new DataId("0000000" + number));
    }

    private static final MemberName HOLDER = member(0);

    private List<MemberName> some() {
        List<MemberName> some = new ArrayList<>();
        for (int number = 0; number < MEMBERS; number++) {
            if (random.nextBoolean()) {
                some.add(member(number));
            }
        }
        return some;
    }

    private Voters any() {
        List<MemberName> members = some();
        return new Voters(members, random.nextInt(members.size() + 1));
    }

    private SynchronousSet anySet() {
        List<MemberName> members =
                some().stream().filter(one -> !one.equals(HOLDER)).toList();
        return SynchronousSet.of(random.nextInt(members.size() + 1), members);
    }

    /** The fewest voters that have a commit which {@code set} let through, whoever confirmed it. */
    private static int fewest(Voters voters, SynchronousSet set) {
        int strangers = (int) set.members().stream()
                .filter(member -> !voters.members().contains(member))
                .count();
        int confirmedByStrangers = Math.min(strangers, set.required());
        return set.required() - confirmedByStrangers + (voters.members().contains(HOLDER) ? 1 : 0);
    }

    @Test
    void aSetThatKeepsThePromiseLetsNoCommitThroughThatTooFewVotersHave() {
        for (int round = 0; round < ROUNDS; round++) {
            Voters voters = any();
            SynchronousSet set = anySet();
            if (voters.keptBy(set, HOLDER)) {
                assertThat(fewest(voters, set)).as("seed " + seed).isGreaterThanOrEqualTo(voters.w());
            }
        }
    }

    @Test
    void theLeastSetKeepsThePromise() {
        for (int round = 0; round < ROUNDS; round++) {
            Voters voters = any();
            assertThat(voters.keptBy(voters.leastSet(HOLDER), HOLDER))
                    .as("seed " + seed)
                    .isTrue();
        }
    }

    @Test
    void aBridgeKeepsBothPromises() {
        for (int round = 0; round < ROUNDS; round++) {
            Voters one = any();
            Voters other = any();
            SynchronousSet bridge = one.bridge(other, HOLDER);
            assertThat(one.keptBy(bridge, HOLDER)).as("seed " + seed).isTrue();
            assertThat(other.keptBy(bridge, HOLDER)).as("seed " + seed).isTrue();
            assertThat(bridge.members()).as("seed " + seed).doesNotContain(HOLDER);
        }
    }

    @Test
    void anyTwoQuorumsOfVotesAndCommitsShareAMember() {
        for (int round = 0; round < ROUNDS; round++) {
            Voters voters = any();
            assertThat(voters.votesNeeded() + voters.w())
                    .as("seed " + seed)
                    .isGreaterThan(voters.members().size());
        }
    }

    @Test
    void nobodyIsElectedByVotesWhereNothingIsPromised() {
        assertThat(Voters.NONE.votesNeeded()).isEqualTo(1);
        assertThat(new Voters(List.of(member(1)), 0).votesNeeded()).isEqualTo(2);
    }

    @Test
    void theTextIsWhatPostgresReads() {
        assertThat(SynchronousSet.NONE.text()).isEmpty();
        assertThat(new SynchronousSet(1, List.of(member(2), member(1))).text())
                .isEqualTo("ANY 1 (\"demo-1_00000001\", \"demo-2_00000002\")");
        assertThat(new SynchronousSet(1, List.of()).text()).isEqualTo("ANY 1 (\"pgpod_nobody\")");
    }

    @Test
    void moreVotesThanVotersAreRefused() {
        assertThatThrownBy(() -> new Voters(List.of(member(1)), 2)).hasMessage("w is 2 with 1 voters");
    }
}
