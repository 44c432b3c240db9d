package org.pgpod.haagent.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final AtomicLong now = new AtomicLong(-5_000_000_000L);
    private final TokenBucket bucket = new TokenBucket(2, 3, now::get);

    private void pass(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    private void spendBurst() {
        for (int taken = 0; taken < 3; taken++) {
            assertThat(bucket.tryTake()).isTrue();
        }
    }

    @Test
    void aBurstGoesAtOnceAndTheNextWaits() {
        spendBurst();
        assertThat(bucket.tryTake()).isFalse();
        assertThat(bucket.take(LONG)).contains(Duration.ofMillis(500));
        assertThat(bucket.take(LONG)).contains(Duration.ofSeconds(1));
    }

    @Test
    void whoWillNotWaitSoLongTakesNothing() {
        spendBurst();
        assertThat(bucket.take(Duration.ofMillis(499))).isEmpty();
        assertThat(bucket.take(Duration.ofMillis(500))).contains(Duration.ofMillis(500));
    }

    @Test
    void tokensComeBackUpToTheBurst() {
        spendBurst();
        pass(Duration.ofMillis(500));
        assertThat(bucket.tryTake()).isTrue();
        assertThat(bucket.tryTake()).isFalse();
        pass(Duration.ofHours(1));
        spendBurst();
        assertThat(bucket.tryTake()).isFalse();
    }

    @Test
    void aPauseHoldsBackWhatIsThere() {
        bucket.pause(Duration.ofSeconds(3));
        assertThat(bucket.take(Duration.ofSeconds(2))).isEmpty();
        assertThat(bucket.take(LONG)).contains(Duration.ofSeconds(3));
        bucket.pause(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(2));
        assertThat(bucket.tryTake()).as("a shorter pause ends no longer one").isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(bucket.take(LONG)).isEqualTo(Optional.of(Duration.ZERO));
    }

    @Test
    void aLimitOfNothingIsRefused() {
        assertThatThrownBy(() -> new TokenBucket(0, 1, now::get)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenBucket(1, 0, now::get)).isInstanceOf(IllegalArgumentException.class);
    }
}
