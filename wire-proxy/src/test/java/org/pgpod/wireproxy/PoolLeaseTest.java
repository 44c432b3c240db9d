package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgpod.wireproxy.testing.PoolFixture.value;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** Towards the lease, a client that shares server connections stands as one that has its own. */
class PoolLeaseTest {
    private PostgresServer postgres;
    private PoolFixture pool;
    private ProxyFixture proxy;

    @BeforeEach
    void start() throws IOException {
        postgres = PostgresServer.with(Map.of("synchronous_standby_names", ""));
        pool = PoolFixture.start(postgres, "transaction", Map.of("poolSize", "2"));
        proxy = pool.proxy();
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 55_000));
    }

    @AfterEach
    void stop() {
        pool.close();
    }

    private static CompletableFuture<Message> nextMessage(RawClient client) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return client.readMessage();
            } catch (IOException ended) {
                throw new IllegalStateException(ended);
            }
        });
    }

    private void awaitHeld(int messages) {
        Await.until("the message is held", () -> proxy.metric("pgpod_proxy_sessions_held_total") >= messages);
    }

    @Test
    void parkedClientsGoOnAfterPostgresWasRestarted() throws Exception {
        try (RawClient asking = pool.raw();
                RawClient idle = pool.raw()) {
            long hold = proxy.token().hold(1, 40_000);
            Await.until("parked", () -> {
                var answer = proxy.answer().orElseThrow();
                return answer.sequence() == hold && answer.parked() == 2 && answer.inFlight() == 0;
            });
            asking.send(RawClient.query("select 'held'"));
            awaitHeld(1);
            postgres.restart();
            CompletableFuture<Message> first = nextMessage(asking);
            assertThat(first).isNotDone();
            proxy.token().primary(1, Phase.OPEN, 40_000);
            assertThat(first.get(20, TimeUnit.SECONDS).type()).isEqualTo('T');
            assertThat(asking.readUntil('Z')).hasSize(3);
            idle.send(RawClient.query("select 'idle'"));
            assertThat(idle.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void aTransactionIsFinishedDuringAHoldAndTheNextIsNotBegun() throws Exception {
        try (RawClient client = pool.raw()) {
            client.send(RawClient.query("begin"));
            client.readUntil('Z');
            assertThat(proxy.awaitAnswer(proxy.token().hold(1, 40_000)).inFlight())
                    .isEqualTo(1);
            client.send(RawClient.query("commit"));
            client.readUntil('Z');
            client.send(RawClient.query("select 1"));
            awaitHeld(1);
            Await.until("parked", () -> proxy.answer().orElseThrow().parked() == 1);
            assertThat(proxy.answer().orElseThrow().inFlight()).isZero();
            proxy.token().primary(1, Phase.OPEN, 40_000);
            assertThat(client.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void whoWaitsForAServerConnectionIsHeldToo() throws Exception {
        try (RawClient one = pool.raw();
                RawClient two = pool.raw();
                RawClient waiting = pool.raw()) {
            for (RawClient client : new RawClient[] {one, two}) {
                client.send(RawClient.query("begin"));
                client.readUntil('Z');
            }
            waiting.send(RawClient.query("select 1"));
            long hold = proxy.token().hold(1, 40_000);
            awaitHeld(1);
            one.send(RawClient.query("commit"));
            one.readUntil('Z');
            two.send(RawClient.query("commit"));
            two.readUntil('Z');
            Await.until("all parked", () -> {
                var answer = proxy.answer().orElseThrow();
                return answer.sequence() == hold && answer.parked() == 3 && answer.inFlight() == 0;
            });
            proxy.token().primary(1, Phase.OPEN, 40_000);
            assertThat(waiting.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void theDeadlineOfAHoldReleasesWithAnError() throws Exception {
        try (RawClient asking = pool.raw();
                RawClient idle = pool.raw()) {
            proxy.awaitAnswer(proxy.token().hold(1, 1_500));
            asking.send(RawClient.query("select 1"));
            assertThat(asking.readLastError().orElseThrow().field('C')).isEqualTo("57P01");
            idle.send(RawClient.query("select 1"));
            assertThat(idle.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void nothingReachesAClientAfterTheLeaseAndOneAtRestOutlivesIt() throws Exception {
        try (RawClient busy = pool.raw();
                RawClient idle = pool.raw()) {
            busy.send(RawClient.query("select pg_sleep(2)"));
            proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 600));
            assertThat(busy.readToEnd()).isEmpty();
            assertThat(proxy.metric("pgpod_proxy_sessions_fenced_total")).isEqualTo(1);
            idle.send(RawClient.query("select 1"));
            CompletableFuture<Message> first = nextMessage(idle);
            awaitHeld(1);
            assertThat(first).isNotDone();
            proxy.token().primary(2, Phase.OPEN, 40_000);
            assertThat(first.get(20, TimeUnit.SECONDS).type()).isEqualTo('T');
            assertThat(idle.readUntil('Z')).hasSize(3);
        }
    }

    @Test
    void noServerConnectionOutlivesItsTerm() throws Exception {
        String before;
        try (Connection client = pool.connect()) {
            before = value(client, "select pg_backend_pid()");
        }
        try (RawClient client = pool.raw()) {
            proxy.awaitAnswer(proxy.token().primary(2, Phase.OPEN, 40_000));
            client.send(RawClient.query("select pg_backend_pid()"));
            assertThat(client.readUntil('Z').get(1).body()).doesNotContain(before);
        }
        try (Connection client = pool.connect()) {
            assertThat(value(client, "select pg_backend_pid()")).isNotEqualTo(before);
        }
        Await.until("the old connection is closed", () -> {
            try (Connection direct = postgres.connect()) {
                return value(direct, "select count(*) from pg_stat_activity where pid = " + before)
                        .equals("0");
            }
        });
    }

    @Test
    void anUnresolvedCommitIsNoSuccess() throws Exception {
        postgres.execute("create table written (n int)");
        postgres.append("postgresql.conf", "synchronous_standby_names = 'ANY 1 (nobody)'\n");
        postgres.reload();
        Await.until("the setting counts", () -> {
            try (Connection direct = postgres.connect()) {
                return !value(direct, "show synchronous_standby_names").isEmpty();
            }
        });
        try (Connection client = pool.connect();
                RawClient next = pool.raw()) {
            CompletableFuture<String> state = CompletableFuture.supplyAsync(() -> {
                try {
                    PoolFixture.execute(client, "insert into written values (1)");
                    return "success";
                } catch (SQLException failed) {
                    return failed.getSQLState();
                }
            });
            Await.until("the wait is given up", () -> {
                try (Connection direct = postgres.connect()) {
                    return value(
                                    direct,
                                    "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'")
                            .equals("1");
                }
            });
            assertThat(state.get(20, TimeUnit.SECONDS)).isEqualTo("08007");
            next.send(RawClient.query("select 1"));
            assertThat(next.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void aRoleThatMayNoLongerLogInIsRefusedAlthoughItsConnectionsAreOpen() throws Exception {
        try (Connection client = pool.connect()) {
            value(client, "select 1");
            postgres.execute("alter role app nologin");
            Await.until("the role is refused", () -> {
                try (Connection another = pool.connect()) {
                    return another == null;
                } catch (SQLException refused) {
                    return refused.getSQLState().equals("28000");
                }
            });
        }
    }

    @Test
    void aDatabaseThatDoesNotExistIsRefusedInPostgresWords() {
        assertThatThrownBy(
                        () -> pool.connect(Map.of("options", "-c nonsense=1")).close())
                .hasMessageContaining("unrecognized configuration parameter");
    }
}
