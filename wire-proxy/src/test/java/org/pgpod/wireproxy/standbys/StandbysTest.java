package org.pgpod.wireproxy.standbys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Lsn;

/** Which standby is next: of this zone, with less lag, with fewer sessions; and when one is fit, or over. */
class StandbysTest {
    private static final long MIB = 1 << 20;
    private static final long END = 100 * MIB;
    private static final long LIMIT = 16 * MIB;

    private final List<Member> listed = new ArrayList<>();
    private final Map<String, AgentAnswer> answers = new HashMap<>();
    private final Standbys standbys =
            new Standbys(new Standbys.Terms("here", Optional.of("a"), LIMIT, Standbys.Fallback.NONE));

    private void member(String name, String role, String zone, long lagBytes, int timeline) {
        listed.removeIf(one -> one.name().equals(name));
        listed.add(new Member(name, role, "10.0.0.1", 8008, Optional.of(zone), Optional.empty(), true));
        answers.put(name, new AgentAnswer(name, role, Optional.of(new Lsn(END - lagBytes)), timeline, List.of()));
    }

    private String next(long now) {
        return standbys.choose(true, now).map(Standby::name).orElse("nobody");
    }

    @Test
    void theZoneCountsBeforeTheLagAndTheLagBeforeTheSessions() {
        member("primary", "primary", "a", 0, 1);
        member("far", "standby", "b", 0, 1);
        member("late", "standby", "a", 5 * MIB, 1);
        member("near", "standby", "a", MIB / 2, 1);
        member("nearer", "standby", "a", 0, 1);
        standbys.update(listed, answers, 1_000);
        assertThat(List.of(next(1_000), next(1_000), next(1_000), next(1_000)))
                .containsExactly("near", "nearer", "near", "nearer");
        member("near", "standby", "a", 2 * LIMIT, 1);
        member("nearer", "none", "a", 0, 1);
        standbys.update(listed, answers, 2_000);
        assertThat(next(2_000)).isEqualTo("late");
        answers.remove("late");
        standbys.update(listed, answers, 8_000);
        assertThat(next(8_000)).as("nothing is known of late since six seconds").isEqualTo("far");
    }

    @Test
    void oneUnluckyLookEndsNoSessionAndAPromotionDoesAtOnce() {
        member("primary", "primary", "a", 0, 1);
        member("one", "standby", "a", 0, 1);
        standbys.update(listed, answers, 0);
        Standby one = standbys.choose(true, 0).orElseThrow();
        for (int look = 1; look <= 3; look++) {
            assertThat(one.isOverAt(look)).isFalse();
            member("one", "standby", "a", LIMIT + 1, 1);
            standbys.update(listed, answers, look);
        }
        assertThat(one.isOverAt(3)).isTrue();
        assertThat(one.lagBytes()).isEqualTo(LIMIT + 1);
        member("one", "standby", "a", 0, 1);
        standbys.update(listed, answers, 4);
        assertThat(one.isOverAt(4)).isFalse();
        assertThat(one.isOverAt(15_005)).as("unknown for too long").isTrue();
        member("one", "primary", "a", 0, 1);
        standbys.update(listed, answers, 5);
        assertThat(one.isOverAt(5)).isTrue();
    }

    @Test
    void aMemberOnAnotherTimelineIsNotFitHoweverFarItIs() {
        member("primary", "primary", "a", 0, 4);
        member("one", "standby", "a", -MIB, 3);
        standbys.update(listed, answers, 0);
        assertThat(next(0)).isEqualTo("nobody");
    }

    @Test
    void withoutThePrimarysAnswerTheFurthestStandbyIsTheMeasure() {
        member("one", "standby", "a", 0, 1);
        member("two", "standby", "a", 2 * LIMIT, 1);
        standbys.update(listed, answers, 0);
        assertThat(List.of(next(0), next(0))).containsExactly("one", "one");
    }

    @Test
    void theServerOfThisPodIsChosenOnlyWhileItsTokenSaysThatItIsAStandby() {
        member("here", "standby", "a", 0, 1);
        standbys.update(listed, answers, 0);
        assertThat(standbys.choose(false, 0)).isEmpty();
        assertThat(standbys.choose(true, 0)).isPresent();
    }

    @Test
    void nonsenseFromAnAgentIsNoAnswer() throws Exception {
        AgentAnswer answer = AgentAnswer.parse("""
                {"member":"m","role":7,"replayed":"x","timeline":"y","members":[{"name":1},{"name":"n","host":"h",
                 "lsn":"1/2","zone":"","tags":{"noloadbalance":"true"}},[]]}""".getBytes(StandardCharsets.UTF_8));
        assertThat(answer.replayed()).isEmpty();
        assertThat(answer.members())
                .containsExactly(
                        new Member("n", "none", "h", 0, Optional.empty(), Optional.of(Lsn.parse("1/2")), false));
    }
}
