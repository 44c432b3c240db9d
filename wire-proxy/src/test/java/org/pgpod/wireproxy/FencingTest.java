package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** What a client may see is what the token allows, and not a byte more. */
class FencingTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.with(Map.of("wal_level", "logical"));
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    @AfterEach
    void openAgain() throws IOException {
        proxy.awaitAnswer(proxy.token().standby(Phase.OPEN));
    }

    private static RawClient connect() throws IOException {
        return RawClient.connect(proxy.port());
    }

    private static Optional<Message> refusal() throws IOException {
        try (RawClient client = connect()) {
            client.send(RawClient.startup("user", "postgres", "database", "postgres"));
            return client.readLastError();
        }
    }

    /** Reads until the connection ends, in whatever way, and returns the last complete row. */
    private static String lastRow(RawClient client) throws IOException {
        String row = "";
        try {
            while (true) {
                Message message = client.readMessage();
                if (message.type() == 'd') {
                    row = message.body();
                }
            }
        } catch (EOFException | SocketException ended) {
            return row;
        }
    }

    @Test
    void noRowThatIsYoungerThanTheLeaseReachesTheClient() throws IOException {
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 3_000));
        double fenced = proxy.metric("pgpod_proxy_sessions_fenced_total");
        long until = proxy.token().nowMillis();
        try (RawClient client = connect().login()) {
            until = proxy.token().nowMillis() + 1_000;
            proxy.token().primary(1, Phase.OPEN, 1_000);
            // Each row fills Postgres's output buffer, so that it leaves at once, and begins with its moment.
            client.send(RawClient.query("copy (select (extract(epoch from clock_timestamp()) * 1000)::bigint,"
                    + " repeat('x', 9000), pg_sleep(0.002) from generate_series(1, 100000)) to stdout"));
            long bootToWall = System.currentTimeMillis() - proxy.token().nowMillis();
            String row = lastRow(client);
            long lastRowMillis = Long.parseLong(row.substring(0, row.indexOf('\t'))) - bootToWall;
            assertThat(lastRowMillis).isBetween(until - 500, until + 30);
        }
        assertThat(proxy.token().nowMillis()).isLessThan(until + 20_000);
        assertThat(proxy.metric("pgpod_proxy_sessions_fenced_total")).isEqualTo(fenced + 1);
    }

    @Test
    void aCommitAfterTheLeaseIsNotAcknowledged() throws IOException {
        postgres.execute("create table ledger (n int)");
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 1_500));
        try (RawClient client = connect().login()) {
            client.send(RawClient.query("insert into ledger select 1 from pg_sleep(3)"));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void anIdleSessionIsClosedWhenTheLeaseEnds() throws IOException {
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 1_000));
        try (RawClient client = connect().login()) {
            assertThat(client.readToEnd()).isEmpty();
            assertThat(refusal().orElseThrow().field('C')).isEqualTo("57P03");
        }
    }

    @Test
    void aRenewedLeaseKeepsASessionOpen() throws IOException {
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 1_500));
        try (RawClient client = connect().login()) {
            long end = proxy.token().nowMillis() + 4_000;
            while (proxy.token().nowMillis() < end) {
                proxy.token().primary(1, Phase.OPEN, 1_500);
                client.send(RawClient.query("select pg_sleep(0.1)"));
                assertThat(client.readUntil('Z')).hasSize(4);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pgpod-token=1 boot=", "pgpod-token=2 end\n", "not a token"})
    void aTokenThatCannotBeReadIsNone(String text) {
        proxy.token().replace(text);
        Await.until(
                "clients are refused",
                () -> refusal()
                        .filter(error -> error.field('C').equals("57P03"))
                        .filter(error -> error.field('D').contains("no readable lease token"))
                        .isPresent());
    }

    @Test
    void aTokenOfAnotherBootIsNone() throws IOException {
        proxy.awaitAnswer(proxy.token().primaryOfBoot("00000000-0000-0000-0000-000000000000", 10_000));
        assertThat(refusal().orElseThrow().field('D')).contains("of another boot");
    }

    @Test
    void aTokenTooFarAheadIsNone() throws IOException {
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 100_000));
        assertThat(refusal().orElseThrow().field('D')).contains("too far ahead");
    }

    @Test
    void readinessFollowsTheToken() throws Exception {
        assertThat(proxy.admin("/readyz").statusCode()).isEqualTo(200);
        proxy.awaitAnswer(proxy.token().none());
        assertThat(proxy.admin("/readyz").statusCode()).isEqualTo(503);
        assertThat(proxy.admin("/readyz").body()).contains("gives Postgres no role");
        proxy.awaitAnswer(proxy.token().primary(1, Phase.CATCHUP, 10_000));
        assertThat(proxy.admin("/readyz").statusCode()).isEqualTo(503);
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 300));
        Await.until("not ready after the lease", () -> proxy.admin("/readyz").statusCode() == 503);
        assertThat(proxy.admin("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void logicalReplicationIsCutWithTheLeaseAndPhysicalIsNot() throws IOException {
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 2_000));
        try (RawClient logical = connect();
                RawClient physical = connect()) {
            physical.send(RawClient.startup("user", "postgres", "replication", "true"));
            physical.readUntil('Z');
            logical.send(RawClient.startup("user", "postgres", "database", "postgres", "replication", "database"));
            logical.readUntil('Z');
            assertThat(logical.readToEnd()).isEmpty();
            physical.send(RawClient.query("IDENTIFY_SYSTEM"));
            assertThat(physical.readUntil('Z')).hasSize(4);
        }
    }

    @Test
    void aStandbysSessionGoesOnUnderThePrimaryItBecomes() throws IOException {
        try (RawClient client = connect().login()) {
            proxy.awaitAnswer(proxy.token().primary(2, Phase.OPEN, 2_000));
            client.send(RawClient.query("select 1"));
            assertThat(client.readUntil('Z')).hasSize(4);
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void aPrimarysSessionDoesNotOutliveItsTerm() throws IOException {
        proxy.awaitAnswer(proxy.token().primary(2, Phase.OPEN, 20_000));
        try (RawClient client = connect().login()) {
            proxy.awaitAnswer(proxy.token().primary(3, Phase.OPEN, 20_000));
            assertThat(client.readToEnd()).isEmpty();
        }
        try (RawClient client = connect().login()) {
            proxy.awaitAnswer(proxy.token().standby(Phase.OPEN));
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CUT", "CATCHUP"})
    void sessionsAreDismissedWithAnErrorWhenThePhaseClosesTheDoor(String phase) throws IOException {
        proxy.awaitAnswer(proxy.token().primary(1, Phase.OPEN, 20_000));
        try (RawClient client = connect().login()) {
            proxy.awaitAnswer(proxy.token().primary(1, Phase.valueOf(phase), 20_000));
            Message error = client.readLastError().orElseThrow();
            assertThat(error.field('S')).isEqualTo("FATAL");
            assertThat(error.field('C')).isEqualTo("57P01");
        }
        assertThat(refusal().orElseThrow().field('C')).isEqualTo("57P03");
        assertThat(proxy.answer().orElseThrow().sessions()).isZero();
    }
}
