package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.core.pod.ProxyAnswer;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** A switchover parks clients at a transaction boundary, and lets go of them again. */
class HoldTest {
    private PostgresServer postgres;
    private ProxyFixture proxy;

    @BeforeEach
    void start() throws IOException {
        postgres = PostgresServer.start();
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 40_000));
    }

    @AfterEach
    void stop() {
        proxy.close();
        postgres.close();
    }

    private RawClient connect() throws IOException {
        return RawClient.connect(proxy.port());
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

    @Test
    void aStatementWaitsAtTheBoundaryAndIsAnsweredAfterTheHold() throws Exception {
        try (RawClient client = connect().login()) {
            ProxyAnswer answer = proxy.awaitAnswer(proxy.token().hold(1, 30_000));
            assertThat(answer.phase()).isEqualTo(Phase.HOLD);
            assertThat(answer.sessions()).isEqualTo(1);
            assertThat(answer.inFlight()).isZero();
            assertThat(answer.parked()).isEqualTo(1);
            client.send(RawClient.query("select 'held'"));
            CompletableFuture<Message> first = nextMessage(client);
            Await.until("the message is held", () -> proxy.metric("pgpod_proxy_sessions_held_total") == 1);
            assertThat(proxy.answer().orElseThrow().inFlight()).isZero();
            assertThat(first).isNotDone();
            proxy.token().primary(1, Phase.OPEN, 20_000);
            assertThat(first.get(20, TimeUnit.SECONDS).type()).isEqualTo('T');
            assertThat(client.readUntil('Z')).hasSize(3);
        }
    }

    @Test
    void aTransactionIsFinishedBeforeItsSessionIsParked() throws Exception {
        try (RawClient client = connect().login()) {
            client.send(RawClient.query("begin; create table t (n int)"));
            client.readUntil('Z');
            long hold = proxy.token().hold(1, 30_000);
            ProxyAnswer answer = proxy.awaitAnswer(hold);
            assertThat(answer.inFlight()).isEqualTo(1);
            assertThat(answer.parked()).isZero();
            client.send(RawClient.query("insert into t values (1)"));
            assertThat(client.readUntil('Z')).hasSize(2);
            client.send(RawClient.query("commit"));
            assertThat(client.readUntil('Z')).hasSize(2);
            Await.until("the session is parked", () -> {
                ProxyAnswer now = proxy.answer().orElseThrow();
                return now.inFlight() == 0 && now.parked() == 1 && now.sequence() == hold;
            });
        }
    }

    @Test
    void anExtendedStatementIsInFlightUntilItsSyncIsAnswered() throws Exception {
        try (RawClient client = connect().login()) {
            client.send(RawClient.message('P', "", "select 1\0\0"));
            client.send(RawClient.message('H'));
            assertThat(client.readMessage().type()).isEqualTo('1');
            assertThat(proxy.awaitAnswer(proxy.token().hold(1, 30_000)).inFlight())
                    .isEqualTo(1);
            client.send(RawClient.message('S'));
            assertThat(client.readUntil('Z')).hasSize(1);
            Await.until("parked", () -> proxy.answer().orElseThrow().parked() == 1);
        }
    }

    @Test
    void theDeadlineReleasesWithAnError() throws Exception {
        try (RawClient waiting = connect().login();
                RawClient idle = connect().login();
                RawClient late = connect()) {
            proxy.awaitAnswer(proxy.token().hold(1, 2_000));
            waiting.send(RawClient.query("select 1"));
            late.send(RawClient.startup("user", "postgres", "database", "postgres"));
            Message error = waiting.readLastError().orElseThrow();
            assertThat(error.field('S')).isEqualTo("FATAL");
            assertThat(error.field('C')).isEqualTo("57P01");
            assertThat(late.readLastError().orElseThrow().field('C')).isEqualTo("57P03");
            // A client that asked for nothing has lost nothing.
            idle.send(RawClient.query("select 1"));
            assertThat(idle.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void aNewConnectionWaitsForTheEndOfTheHold() throws Exception {
        proxy.awaitAnswer(proxy.token().hold(1, 30_000));
        try (RawClient client = connect()) {
            client.send(RawClient.startup("user", "postgres", "database", "postgres"));
            CompletableFuture<Message> first = nextMessage(client);
            Await.until(
                    "the connection is parked",
                    () -> proxy.answer().orElseThrow().parked() == 1);
            assertThat(first).isNotDone();
            proxy.token().primary(1, Phase.OPEN, 20_000);
            assertThat(first.get(20, TimeUnit.SECONDS).type()).isEqualTo('R');
        }
    }

    @Test
    void aConnectionThatWaitedForThePrimaryIsNotLetInToAStandby() throws Exception {
        proxy.awaitAnswer(proxy.token().hold(1, 30_000));
        try (RawClient client = connect()) {
            client.send(RawClient.startup("user", "postgres", "database", "postgres"));
            CompletableFuture<Message> first = nextMessage(client);
            Await.until(
                    "the connection is parked",
                    () -> proxy.answer().orElseThrow().parked() == 1);
            for (Role former : List.of(Role.NONE, Role.STANDBY)) {
                proxy.awaitAnswer(proxy.token().handedOver(former, 30_000));
                assertThat(proxy.answer().orElseThrow().parked()).isEqualTo(1);
                assertThat(first).isNotDone();
            }
            proxy.token().standby(Phase.OPEN);
            Message error = first.get(20, TimeUnit.SECONDS);
            assertThat(error.field('C')).isEqualTo("57P03");
            assertThat(error.field('D')).isEqualTo("This pod knows of no primary at the moment.");
        }
        try (RawClient client = connect().login()) {
            client.send(RawClient.query("select 'whoever comes now is served by the standby'"));
            assertThat(client.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void aParkedClientIsToldWhenPostgresIsGone() throws Exception {
        try (RawClient client = connect().login();
                RawClient asking = connect().login()) {
            proxy.awaitAnswer(proxy.token().hold(1, 30_000));
            asking.send(RawClient.query("select 1"));
            Await.until("the message is held", () -> proxy.metric("pgpod_proxy_sessions_held_total") == 1);
            postgres.stop();
            assertThat(client.readLastError().orElseThrow().field('C')).isEqualTo("57P01");
            assertThat(asking.readLastError().orElseThrow().field('C')).isEqualTo("57P01");
        }
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 20_000));
        try (RawClient client = connect()) {
            client.send(RawClient.startup("user", "postgres", "database", "postgres"));
            Message error = client.readLastError().orElseThrow();
            assertThat(error.field('C')).isEqualTo("57P03");
            assertThat(error.field('D')).startsWith("Postgres does not answer on its Unix socket");
        }
    }

    @Test
    void theAnswerIsRepeatedEverySecond() throws IOException {
        long first = proxy.answer().orElseThrow().atMillis();
        Await.until("a younger answer", () -> proxy.answer().orElseThrow().atMillis() > first + 1_500);
    }
}
