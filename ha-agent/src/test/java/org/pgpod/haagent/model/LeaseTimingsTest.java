package org.pgpod.haagent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.haagent.model.LeaseTimings.Preset;

class LeaseTimingsTest {
    private static final Duration POLL = Duration.ofMillis(100);

    @ParameterizedTest
    @CsvSource({"FAST,3000,4000,4800,6", "NORMAL,10000,11500,13000,15", "WIDE,30000,36000,41000,45"})
    void presetsAreThoseOfTheProtocol(Preset preset, long until, long stop, long kill, long lease) {
        LeaseTimings timings = preset.timings();

        assertThat(timings.renewDeadline().toMillis()).isEqualTo(until);
        assertThat(timings.stopAfter().toMillis()).isEqualTo(stop);
        assertThat(timings.killAfter().toMillis()).isEqualTo(kill);
        assertThat(timings.leaseDuration().toSeconds()).isEqualTo(lease);
    }

    @ParameterizedTest
    @CsvSource({"5240,true", "5241,false"})
    void aKillThatEndsTooCloseToTheLeaseIsRefused(long killMillis, boolean allowed) {
        // 5,240 + 2 * 100 + 500 = 5,940 = 99 % of 6,000.
        var problems = LeaseTimings.problems(
                Duration.ofSeconds(6),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofMillis(killMillis),
                Duration.ofSeconds(1),
                POLL);

        assertThat(problems.isEmpty()).isEqualTo(allowed);
    }

    @Test
    void allProblemsAreNamedTogether() {
        assertThatThrownBy(() -> new LeaseTimings(
                        Duration.ofMillis(6_500),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(3),
                        POLL))
                .hasMessageContaining("whole seconds")
                .hasMessageContaining("twice retryPeriod")
                .hasMessageContaining("rise in this order")
                .hasMessageContaining("99 %");
    }
}
