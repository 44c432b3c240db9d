package org.pgpod.wireproxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.wireproxy.pool.PoolMachine.Condition;
import org.pgpod.wireproxy.pool.PoolMachine.Failure;

/** Random events against a model that knows nothing but what the effects said. */
class PoolMachineModelTest {
    private static final int SEEDS = 50;
    private static final int EVENTS = 400;
    private static final int DATABASE_CAP = 4;
    private static final int USER_CAP = 5;

    private static PoolLimits limits(int reserve) {
        return new PoolLimits(
                3,
                1,
                reserve,
                Duration.ofMillis(200),
                DATABASE_CAP,
                USER_CAP,
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(20),
                Duration.ofMillis(50));
    }

    private enum State {
        OPENING,
        RESTING,
        ACTIVE,
        RESETTING
    }

    private static final class Model {
        final Random random;
        final int reserve;
        final PoolMachine<Integer> machine;
        final Map<ServerId, State> servers = new LinkedHashMap<>();
        final Map<ServerId, PoolKey> keys = new HashMap<>();
        final Map<Integer, PoolKey> waiting = new LinkedHashMap<>();
        final Map<ServerId, Integer> serving = new LinkedHashMap<>();
        final Set<String> paused = new HashSet<>();
        long now;
        int clients;

        Model(long seed) {
            random = new Random(seed);
            reserve = random.nextInt(2);
            machine = new PoolMachine<>(limits(reserve));
        }

        void run(List<PoolEffect<Integer>> effects) {
            effects.forEach(this::run);
            assertCapsKept();
        }

        private void run(PoolEffect<Integer> effect) {
            switch (effect) {
                case PoolEffect.Open<Integer> open -> {
                    assertThat(servers.put(open.server(), State.OPENING)).isNull();
                    keys.put(open.server(), open.key());
                    assertThat(paused).doesNotContain(open.key().database());
                }
                case PoolEffect.Assign<Integer> assign -> assign(assign.server(), assign.client());
                case PoolEffect.Reset<Integer> reset -> {
                    assertThat(servers.put(reset.server(), State.RESETTING)).isEqualTo(State.ACTIVE);
                    assertThat(serving).doesNotContainKey(reset.server());
                }
                case PoolEffect.Close<Integer> close -> {
                    assertThat(servers.remove(close.server())).isNotNull();
                    assertThat(serving).doesNotContainKey(close.server());
                }
                case PoolEffect.Notify<Integer> notify -> assertThat(waiting).containsKey(notify.client());
                case PoolEffect.Refuse<Integer> refuse ->
                    assertThat(waiting.remove(refuse.client())).isNotNull();
            }
        }

        private void assign(ServerId server, Integer client) {
            assertThat(servers.put(server, State.ACTIVE)).isEqualTo(State.RESTING);
            assertThat(serving.put(server, client)).isNull();
            PoolKey key = of(server);
            assertThat(waiting.remove(client)).isEqualTo(key);
            assertThat(paused).doesNotContain(key.database());
            // Clients are numbered in the order in which they ask.
            waiting.forEach((other, otherKey) -> {
                if (otherKey.equals(key)) {
                    assertThat(other).isGreaterThan(client);
                }
            });
        }

        private void assertCapsKept() {
            for (PoolKey key : keys.values()) {
                assertThat(count(id -> of(id).equals(key) ? 1 : 0)).isLessThanOrEqualTo(3 + reserve);
                assertThat(count(id -> of(id).database().equals(key.database()) ? 1 : 0))
                        .isLessThanOrEqualTo(DATABASE_CAP);
                assertThat(count(id -> of(id).user().equals(key.user()) ? 1 : 0))
                        .isLessThanOrEqualTo(USER_CAP);
            }
        }

        private PoolKey of(ServerId id) {
            return keys.getOrDefault(id, new PoolKey("", "", Map.of()));
        }

        private int count(ToIntFunction<ServerId> one) {
            return servers.keySet().stream().mapToInt(one).sum();
        }

        private <T> T any(List<T> all) {
            return all.get(random.nextInt(all.size()));
        }

        private List<ServerId> in(State state) {
            List<ServerId> all = new ArrayList<>();
            servers.forEach((id, now) -> {
                if (now == state) {
                    all.add(id);
                }
            });
            return all;
        }

        void step() {
            now += random.nextInt(20);
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> ask();
                case 3, 4 -> finish(in(State.OPENING), random.nextInt(10) > 0);
                case 5 -> finish(in(State.RESETTING), true);
                case 6, 7, 8 -> release();
                case 9 -> end();
                case 10 -> command();
                default -> run(machine.tick(now));
            }
        }

        private void ask() {
            PoolKey key = new PoolKey("d" + random.nextInt(3), "u" + random.nextInt(3), Map.of());
            int client = ++clients;
            waiting.put(client, key);
            run(machine.request(client, key, now));
        }

        private void finish(List<ServerId> busy, boolean well) {
            if (busy.isEmpty()) {
                return;
            }
            ServerId id = any(busy);
            if (well) {
                servers.put(id, State.RESTING);
                run(machine.opened(id, now));
            } else {
                servers.remove(id);
                run(machine.failed(id, random.nextInt(5) == 0 ? Failure.FINAL : Failure.PASSING, now));
            }
        }

        private void release() {
            List<ServerId> active = in(State.ACTIVE);
            if (!active.isEmpty()) {
                ServerId id = any(active);
                serving.remove(id);
                Condition condition = any(List.of(Condition.values()));
                if (condition == Condition.CLEAN) {
                    servers.put(id, State.RESTING);
                }
                run(machine.released(id, condition, now));
            }
        }

        private void end() {
            if (random.nextBoolean() && !waiting.isEmpty()) {
                Integer client = any(List.copyOf(waiting.keySet()));
                waiting.remove(client);
                run(machine.withdraw(client));
            } else if (!servers.isEmpty()) {
                ServerId id = any(List.copyOf(servers.keySet()));
                servers.remove(id);
                serving.remove(id);
                run(machine.gone(id, now));
            }
        }

        private void command() {
            String database = "d" + random.nextInt(3);
            switch (random.nextInt(3)) {
                case 0 -> {
                    paused.add(database);
                    run(machine.pause(database));
                }
                case 1 -> run(machine.reconnect(database));
                default -> resume(database);
            }
        }

        private void resume(String database) {
            paused.remove(database);
            run(machine.resume(database, now));
        }

        /** Everything goes well from here on: everybody is served in a bounded time. */
        void settle() {
            for (String database : Set.copyOf(paused)) {
                resume(database);
            }
            for (int round = 0;
                    round < 2_000 && !(waiting.isEmpty() && in(State.ACTIVE).isEmpty());
                    round++) {
                now += 5;
                finish(in(State.OPENING), true);
                finish(in(State.RESETTING), true);
                release();
                run(machine.tick(now));
            }
            assertThat(waiting).isEmpty();
            assertThat(serving).isEmpty();
            int servers = in(State.OPENING).size()
                    + in(State.RESTING).size()
                    + in(State.RESETTING).size();
            assertThat(machine.busy(null)).isEqualTo(servers);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1_000_000})
    void noConnectionServesTwoAndNobodyStarves(long first) {
        for (long seed = first; seed < first + SEEDS; seed++) {
            try {
                Model model = new Model(seed);
                for (int event = 0; event < EVENTS; event++) {
                    model.step();
                }
                model.settle();
            } catch (AssertionError failed) {
                throw new AssertionError("seed " + seed, failed);
            }
        }
    }
}
