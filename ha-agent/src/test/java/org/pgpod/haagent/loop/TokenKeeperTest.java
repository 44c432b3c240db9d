package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.decide.TokenWish;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.TokenPort;

class TokenKeeperTest {
    /** A boot clock that moves by hand. */
    private static final class HandClock implements BootClock {
        private long nowMillis = 100_000;

        @Override
        public long nowMillis() {
            return nowMillis;
        }

        @Override
        public String bootId() {
            return "boot";
        }
    }

    private static final TokenWish SERVE =
            new TokenWish(LeaseToken.Role.PRIMARY, LeaseToken.Phase.OPEN, "10.0.0.1:5432", 0);

    private final HandClock time = new HandClock();
    private final List<LeaseToken> written = new ArrayList<>();
    private final TokenKeeper keeper = new TokenKeeper(
            new org.pgpod.haagent.model.Holder("demo-0", "27c1"),
            new TokenPort() {
                @Override
                public Effect write(LeaseToken token) {
                    written.add(token);
                    return new Effect.Changed();
                }

                @Override
                public Optional<LeaseToken> read() {
                    return written.isEmpty() ? Optional.empty() : Optional.of(written.getLast());
                }
            },
            time,
            new Board());

    private LeaseTerm term(long epoch) {
        return term(epoch, ClusterRecord.Phase.PRIMARY);
    }

    private LeaseTerm term(long epoch, ClusterRecord.Phase phase) {
        LeaseTimings timings = LeaseTimings.Preset.FAST.timings();
        var record = new Parsed.Valid<>(
                ClusterRecord.first(new Epoch(epoch)).change().phase(phase).build());
        var view = new LeaseView("demo-0/u0", new Epoch(epoch), "t", timings.leaseDuration(), "1", record);
        return LeaseTerm.granted(new LeasePut.Accepted(view), time.nowMillis(), timings);
    }

    private LeaseToken last() {
        return written.getLast();
    }

    @Test
    void aTermOfAClusterThatFollowsMakesNoTokenOfAPrimaryWhateverIsWished() {
        keeper.wish(SERVE);
        assertThat(keeper.renewed(term(3, ClusterRecord.Phase.STANDBY))).isTrue();
        keeper.wish(new TokenWish(LeaseToken.Role.STANDBY, LeaseToken.Phase.OPEN, "", 0));

        assertThat(written).allSatisfy(token -> {
            assertThat(token.role()).isNotEqualTo(LeaseToken.Role.PRIMARY);
            assertThat(token.stopMillis()).isZero();
        });
        assertThat(written.getLast().role()).isEqualTo(LeaseToken.Role.STANDBY);
    }

    @Test
    void deadlinesCountFromWhenTheRenewalWasSent() {
        keeper.wish(SERVE);
        keeper.renewed(term(7));

        assertThat(last().role()).isEqualTo(LeaseToken.Role.PRIMARY);
        assertThat(last().phase()).isEqualTo(LeaseToken.Phase.OPEN);
        assertThat(last().untilMillis()).isEqualTo(time.nowMillis() + 3_000);
        assertThat(last().stopMillis()).isEqualTo(time.nowMillis() + 4_000);
        assertThat(last().killMillis()).isEqualTo(time.nowMillis() + 4_800);
    }

    @Test
    void withoutATermAWishNeverMakesAPrimary() {
        keeper.wish(SERVE);

        assertThat(last().role()).isEqualTo(LeaseToken.Role.NONE);
        assertThat(last().phase()).isEqualTo(LeaseToken.Phase.CUT);
        assertThat(last().stopMillis()).isZero();
    }

    @Test
    void aFencedEpochIsNeverProlongedHoweverLateTheAnswerComes() {
        keeper.wish(SERVE);
        keeper.renewed(term(7));
        keeper.fence(new Epoch(7));

        assertThat(keeper.renewed(term(7))).isFalse();
        assertThat(last().role()).isEqualTo(LeaseToken.Role.NONE);
        assertThat(keeper.renewed(term(8))).isTrue();
        assertThat(last().role()).isEqualTo(LeaseToken.Role.PRIMARY);
    }

    @Test
    void heldClientsStayHeldAfterTheRelease() {
        keeper.renewed(term(7));
        keeper.wish(new TokenWish(LeaseToken.Role.PRIMARY, LeaseToken.Phase.HOLD, "", 123_000));
        keeper.ended(new Epoch(7));

        assertThat(last().role()).isEqualTo(LeaseToken.Role.NONE);
        assertThat(last().phase()).isEqualTo(LeaseToken.Phase.HOLD);
        assertThat(last().holdMillis()).isEqualTo(123_000);
    }

    @Test
    void theTokenOfAnEarlierRunIsLeftAloneWhileItLasts() {
        keeper.wish(SERVE);
        keeper.renewed(term(7));
        int before = written.size();
        TokenKeeper next =
                new TokenKeeper(new org.pgpod.haagent.model.Holder("demo-0", "27c1"), readOnly(), time, new Board());
        next.inherit();

        next.wish(TokenWish.NOTHING);
        assertThat(written).hasSize(before);

        time.nowMillis += 4_000;
        next.wish(TokenWish.NOTHING);
        assertThat(last().role()).isEqualTo(LeaseToken.Role.NONE);
        assertThat(last().sequence()).isEqualTo(written.get(before - 1).sequence() + 1);
    }

    private TokenPort readOnly() {
        LeaseToken left = last();
        return new TokenPort() {
            @Override
            public Effect write(LeaseToken token) {
                written.add(token);
                return new Effect.Changed();
            }

            @Override
            public Optional<LeaseToken> read() {
                return Optional.of(left);
            }
        };
    }

    @Test
    void nothingIsWrittenWhenNothingChanged() {
        keeper.wish(TokenWish.NOTHING);
        int before = written.size();
        keeper.wish(TokenWish.NOTHING);

        assertThat(written).hasSize(before);
    }
}
