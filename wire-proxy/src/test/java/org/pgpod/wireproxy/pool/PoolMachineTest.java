package org.pgpod.wireproxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.pool.PoolEffect.Assign;
import org.pgpod.wireproxy.pool.PoolEffect.Close;
import org.pgpod.wireproxy.pool.PoolEffect.Notify;
import org.pgpod.wireproxy.pool.PoolEffect.Open;
import org.pgpod.wireproxy.pool.PoolEffect.Refuse;
import org.pgpod.wireproxy.pool.PoolEffect.Reset;
import org.pgpod.wireproxy.pool.PoolMachine.Condition;
import org.pgpod.wireproxy.pool.PoolMachine.Failure;

class PoolMachineTest {
    private static final PoolKey SHOP = new PoolKey("shop", "ann", Map.of());
    private static final PoolKey BANK = new PoolKey("bank", "ann", Map.of());

    private static PoolLimits limits(int size, int minimum, int reserve, int perUser) {
        return new PoolLimits(
                size,
                minimum,
                reserve,
                Duration.ofSeconds(5),
                0,
                perUser,
                Duration.ofSeconds(120),
                Duration.ofSeconds(6),
                Duration.ofSeconds(600),
                Duration.ofSeconds(3600),
                Duration.ofSeconds(1));
    }

    private static ServerId id(long number) {
        return new ServerId(number);
    }

    @Test
    void theConnectionUsedLastIsUsedAgain() {
        PoolMachine<String> machine = new PoolMachine<>(limits(2, 0, 0, 0));
        assertThat(machine.request("a", SHOP, 0)).containsExactly(new Open<>(id(1), SHOP));
        assertThat(machine.request("b", SHOP, 0)).containsExactly(new Open<>(id(2), SHOP));
        assertThat(machine.request("c", SHOP, 0)).isEmpty();
        assertThat(machine.opened(id(1), 1)).containsExactly(new Assign<>(id(1), "a"));
        assertThat(machine.opened(id(2), 1)).containsExactly(new Assign<>(id(2), "b"));
        assertThat(machine.released(id(2), Condition.CLEAN, 2)).containsExactly(new Assign<>(id(2), "c"));
        machine.released(id(2), Condition.CLEAN, 3);
        machine.released(id(1), Condition.CLEAN, 4);
        assertThat(machine.request("d", SHOP, 5)).containsExactly(new Assign<>(id(1), "d"));
    }

    @Test
    void aDirtyConnectionIsReplaced() {
        PoolMachine<String> machine = new PoolMachine<>(limits(1, 0, 0, 0));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.request("b", SHOP, 0);
        assertThat(machine.released(id(1), Condition.DIRTY, 1))
                .containsExactly(new Close<>(id(1)), new Open<>(id(2), SHOP));
    }

    @Test
    void aConnectionServesNobodyWhileItIsReset() {
        PoolMachine<String> machine = new PoolMachine<>(limits(1, 0, 0, 0));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.request("b", SHOP, 0);
        assertThat(machine.released(id(1), Condition.NEEDS_RESET, 1)).containsExactly(new Reset<>(id(1)));
        assertThat(machine.tick(2)).isEmpty();
        assertThat(machine.opened(id(1), 3)).containsExactly(new Assign<>(id(1), "b"));
    }

    @Test
    void whoWaitsIsToldAndThenRefused() {
        PoolMachine<String> machine = new PoolMachine<>(limits(1, 0, 0, 0));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.request("b", SHOP, 0);
        assertThat(machine.tick(5_999)).isEmpty();
        assertThat(machine.tick(6_000)).containsExactly(new Notify<>("b"));
        assertThat(machine.tick(119_999)).isEmpty();
        assertThat(machine.tick(120_000)).containsExactly(new Refuse<>("b", PoolEffect.Refusal.WAIT_TIMEOUT));
        assertThat(machine.released(id(1), Condition.CLEAN, 120_001)).isEmpty();
    }

    @Test
    void theReserveIsForThoseWhoWaitedForLong() {
        PoolMachine<String> machine = new PoolMachine<>(limits(1, 0, 1, 0));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.request("b", SHOP, 0);
        assertThat(machine.tick(4_999)).isEmpty();
        assertThat(machine.tick(5_000)).containsExactly(new Open<>(id(2), SHOP));
    }

    @Test
    void anIdleConnectionGivesWayUnderACommonCap() {
        PoolMachine<String> machine = new PoolMachine<>(limits(5, 0, 0, 1));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.released(id(1), Condition.CLEAN, 1);
        assertThat(machine.request("b", BANK, 2)).containsExactly(new Close<>(id(1)), new Open<>(id(2), BANK));
    }

    @Test
    void aBusyPoolDoesNotStarveAnotherUnderACommonCap() {
        PoolMachine<String> machine = new PoolMachine<>(limits(5, 0, 0, 1));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.request("b", BANK, 1);
        machine.request("c", SHOP, 2);
        assertThat(machine.released(id(1), Condition.CLEAN, 3))
                .containsExactly(new Close<>(id(1)), new Open<>(id(2), BANK));
    }

    @Test
    void aLoginThatMaySucceedLaterIsTriedAgainAndAnotherIsNot() {
        PoolMachine<String> machine = new PoolMachine<>(limits(1, 0, 0, 0));
        machine.request("a", SHOP, 0);
        assertThat(machine.failed(id(1), Failure.PASSING, 0)).isEmpty();
        assertThat(machine.tick(999)).isEmpty();
        assertThat(machine.tick(1_000)).containsExactly(new Open<>(id(2), SHOP));
        assertThat(machine.failed(id(2), Failure.FINAL, 1_000))
                .containsExactly(new Refuse<>("a", PoolEffect.Refusal.LOGIN_FAILED));
    }

    @Test
    void idleConnectionsAboveTheMinimumAreClosed() {
        PoolMachine<String> machine = new PoolMachine<>(limits(3, 1, 0, 0));
        machine.request("a", SHOP, 0);
        machine.request("b", SHOP, 0);
        machine.opened(id(1), 0);
        machine.opened(id(2), 0);
        machine.released(id(1), Condition.CLEAN, 0);
        machine.released(id(2), Condition.CLEAN, 1);
        assertThat(machine.tick(600_001)).hasSize(1);
        assertThat(machine.tick(700_000)).isEmpty();
    }

    @Test
    void aConnectionIsReplacedAtTheEndOfItsLife() {
        PoolMachine<String> machine = new PoolMachine<>(limits(1, 0, 0, 0));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        machine.request("b", SHOP, 3_599_999);
        assertThat(machine.released(id(1), Condition.CLEAN, 3_600_000))
                .isEqualTo(List.of(new Close<>(id(1)), new Open<>(id(2), SHOP)));
    }

    @Test
    void nobodyIsServedDuringAPauseAndNothingOldAfterIt() {
        PoolMachine<String> machine = new PoolMachine<>(limits(2, 0, 0, 0));
        machine.request("a", SHOP, 0);
        machine.opened(id(1), 0);
        assertThat(machine.pause("shop")).isEmpty();
        assertThat(machine.busy("shop")).isEqualTo(1);
        assertThat(machine.request("b", SHOP, 1)).isEmpty();
        assertThat(machine.released(id(1), Condition.CLEAN, 2)).containsExactly(new Close<>(id(1)));
        assertThat(machine.busy("shop")).isZero();
        assertThat(machine.resume("shop", 3)).containsExactly(new Open<>(id(2), SHOP));
    }

    @Test
    void theMinimumIsTriedEverLaterWhileLoginsFailAndAtOnceElsewhere() {
        PoolMachine<String> machine = new PoolMachine<>(limits(2, 1, 0, 0));
        machine.request("a", SHOP, 0);
        machine.withdraw("a");
        long now = 0;
        for (int failure = 0; failure < 9; failure++) {
            long pause = 1_000L << Math.min(failure, 7);
            machine.failed(id(failure + 1), Failure.PASSING, now);
            assertThat(machine.tick(now + pause - 1)).isEmpty();
            now += pause;
            assertThat(machine.tick(now)).containsExactly(new Open<>(id(failure + 2), SHOP));
        }
        machine.failed(id(10), Failure.PASSING, now);
        assertThat(machine.tick(now + 1)).isEmpty();
        // Who waits does not wait for that.
        assertThat(machine.request("b", SHOP, now + 1_000)).containsExactly(new Open<>(id(11), SHOP));
        machine.failed(id(11), Failure.PASSING, now + 1_000);
        machine.reconnect(null);
        assertThat(machine.tick(now + 1_001)).containsExactly(new Open<>(id(12), SHOP));
    }
}
