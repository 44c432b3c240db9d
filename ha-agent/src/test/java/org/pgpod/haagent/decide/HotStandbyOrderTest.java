package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.SensitiveValues;

class HotStandbyOrderTest {
    private static SensitiveValues connections(long value) {
        return SensitiveValues.in(Map.of("max_connections", Long.toString(value)));
    }

    private static long primary(long wanted, long own, Long... standbys) {
        List<SensitiveValues> values =
                List.of(standbys).stream().map(HotStandbyOrderTest::connections).toList();
        return HotStandbyOrder.ofPrimary(connections(wanted), connections(own), values)
                .of("max_connections");
    }

    @Test
    void aRaiseReachesThePrimaryOnceEveryStreamingStandbyHasIt() {
        assertThat(primary(200, 100, 100L, 100L)).isEqualTo(100);
        assertThat(primary(200, 100, 200L, 100L)).isEqualTo(100);
        assertThat(primary(200, 100, 200L, 250L)).isEqualTo(200);
        assertThat(primary(200, 100)).isEqualTo(200);
    }

    @Test
    void aStandbyThatReportsNothingHoldsARaiseUp() {
        SensitiveValues value = HotStandbyOrder.ofPrimary(
                connections(200), connections(100), List.of(connections(200), SensitiveValues.UNKNOWN));
        assertThat(value.of("max_connections")).isEqualTo(100);
    }

    @Test
    void aCutReachesThePrimaryAtOnceAndAStandbyOnlyAfterIt() {
        assertThat(primary(50, 100, 100L, 100L)).isEqualTo(50);
        assertThat(HotStandbyOrder.ofStandby(connections(50), connections(100)).of("max_connections"))
                .isEqualTo(100);
        assertThat(HotStandbyOrder.ofStandby(connections(50), connections(50)).of("max_connections"))
                .isEqualTo(50);
    }

    @Test
    void aStandbyNeverHasLessThanItsControlFileSays() {
        SensitiveValues control = SensitiveValues.inControlData("""
                max_connections setting:              120
                max_worker_processes setting:         8
                max_wal_senders setting:              16
                max_prepared_xacts setting:           3
                max_locks_per_xact setting:           64
                """);
        assertThat(control.isKnown()).isTrue();
        SensitiveValues value = HotStandbyOrder.ofStandby(connections(100), control);
        assertThat(value.of("max_connections")).isEqualTo(120);
        assertThat(value.of("max_prepared_transactions")).isEqualTo(3);
    }

    /** Random wishes, restarts in any order: no standby ever runs with less than the primary it streams from. */
    @Test
    void whateverIsRestartedWhenNoStandbyFallsBehindThePrimary() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long wanted = 100;
        long primary = 100;
        List<Long> standbys = new ArrayList<>(List.of(100L, 100L));
        for (int round = 0; round < 10_000; round++) {
            if (random.nextInt(5) == 0) {
                wanted = 1L + random.nextInt(300);
            }
            int who = random.nextInt(3);
            if (who == 2) {
                primary = primary(wanted, primary, standbys.toArray(new Long[0]));
            } else {
                standbys.set(
                        who,
                        HotStandbyOrder.ofStandby(connections(wanted), connections(primary))
                                .of("max_connections"));
            }
            assertThat(standbys).as("seed " + seed + " round " + round).allMatch(atLeast(primary));
        }
    }

    private static java.util.function.Predicate<Long> atLeast(long primary) {
        return standby -> standby >= primary;
    }

    @Test
    void onlyWhatIsNamedIsKnown() {
        assertThat(new SensitiveValues(new TreeMap<>(Map.of("max_connections", 5L))).isKnown())
                .isFalse();
        assertThat(SensitiveValues.in(Map.of()).isKnown()).isTrue();
    }
}
