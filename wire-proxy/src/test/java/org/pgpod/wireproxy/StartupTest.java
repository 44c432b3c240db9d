package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** Whatever bytes arrive, in whatever pieces, the answers are those of Postgres, or the connection ends. */
class StartupTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    /** A conversation with both protocols, an error that is skipped to Sync, COPY both ways, and the end. */
    private static byte[] conversation() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RawClient.startup("user", "postgres", "database", "postgres", "application_name", "bytes"));
        bytes.writeBytes(RawClient.query("select 1; select 'two'; create temp table c (t text)"));
        bytes.writeBytes(RawClient.query("begin; select 1/0; commit"));
        bytes.writeBytes(RawClient.query("rollback"));
        bytes.writeBytes(extended("select 3"));
        bytes.writeBytes(extended("select nothing"));
        bytes.writeBytes(extended("select 4"));
        bytes.writeBytes(RawClient.message('S'));
        bytes.writeBytes(RawClient.query("copy c from stdin"));
        bytes.writeBytes(copyData("a\nb\n"));
        bytes.writeBytes(copyData("c\n"));
        bytes.writeBytes(RawClient.message('c'));
        bytes.writeBytes(RawClient.query("copy c to stdout"));
        bytes.writeBytes(RawClient.message('X'));
        return bytes.toByteArray();
    }

    private static byte[] extended(String sql) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(RawClient.message('P', "", sql + "\0\0"));
        bytes.writeBytes(typed('B', new byte[] {0, 0, 0, 0, 0, 0, 0, 0}));
        bytes.writeBytes(typed('E', new byte[] {0, 0, 0, 0, 0}));
        return bytes.toByteArray();
    }

    private static byte[] copyData(String rows) {
        return typed('d', rows.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] typed(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    /** Every message up to the end, without the backend's key, which differs each time. */
    private static List<Message> answers(int port, byte[] bytes, IntSupplier pieceLength) throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, pieceLength.getAsInt());
                client.send(Arrays.copyOfRange(bytes, at, at + length));
                at += length;
            }
            List<Message> messages = new ArrayList<>();
            ByteBuffer answer = ByteBuffer.wrap(client.readToEnd());
            while (answer.hasRemaining()) {
                char type = (char) answer.get();
                byte[] body = new byte[answer.getInt() - 4];
                answer.get(body);
                if (type != 'K') {
                    messages.add(new Message(type, new String(body, StandardCharsets.ISO_8859_1)));
                }
            }
            return messages;
        }
    }

    @Test
    void oneByteAtATimeGivesTheAnswersOfPostgres() throws IOException {
        List<Message> direct = answers(postgres.port(), conversation(), () -> Integer.MAX_VALUE);
        assertThat(direct).hasSizeGreaterThan(40);
        assertThat(answers(proxy.port(), conversation(), () -> 1)).isEqualTo(direct);
        assertThat(answers(proxy.port(), conversation(), () -> Integer.MAX_VALUE))
                .isEqualTo(direct);
    }

    @Test
    void anyPiecesGiveTheAnswersOfPostgres() throws IOException {
        List<Message> direct = answers(postgres.port(), conversation(), () -> Integer.MAX_VALUE);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            assertThat(answers(proxy.port(), conversation(), () -> 1 + random.nextInt(40)))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(direct);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 10_005, 0x47455420})
    void aSenselessLengthIsClosedWithoutAnAnswer(int length) throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.sendInts(length, 3 << 16);
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    /** A cancel request may claim any length before anybody knows who sends it. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 1 << 30, 12, 8, -1})
    void aCancelRequestOfASenselessLengthIsClosedAtOnce(int length) throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.sendInts(length, 80877102, 1, 1);
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void theLongestStartupPacketIsServed() throws IOException {
        int padding = 10_004 - RawClient.startup("user", "postgres", "database", "postgres", "options", "").length;
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.send(RawClient.startup("user", "postgres", "database", "postgres", "options", " ".repeat(padding)));
            assertThat(client.readUntil('Z')).isNotEmpty();
        }
    }

    @Test
    void aStartupPacketWithoutItsLastByteIsRefusedAsPostgresDoes() throws IOException {
        byte[] packet = RawClient.startup("user", "postgres");
        ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(packet, packet.length - 1));
        cut.putInt(0, cut.capacity());
        Message direct = refusal(postgres.port(), cut.array());
        Message relayed = refusal(proxy.port(), cut.array());
        assertThat(relayed.field('C')).isEqualTo("08P01").isEqualTo(direct.field('C'));
        assertThat(relayed.field('M')).isEqualTo(direct.field('M'));
        assertThat(relayed.field('S')).isEqualTo(direct.field('S'));
    }

    @ParameterizedTest
    @ValueSource(ints = {4 << 16, 2 << 16, 1 << 16, 0})
    void anotherMajorVersionIsNotSupported(int version) throws IOException {
        byte[] packet = RawClient.startup("user", "postgres");
        ByteBuffer.wrap(packet).putInt(4, version);
        assertThat(refusal(proxy.port(), packet).field('C')).isEqualTo("0A000");
    }

    @ParameterizedTest
    @ValueSource(ints = {(3 << 16) + 2, (3 << 16) + 9_999})
    void aNewerMinorVersionIsNegotiatedByPostgres(int version) throws IOException {
        byte[] packet = RawClient.startup("user", "postgres", "database", "postgres", "_pq_.grease", "1");
        ByteBuffer.wrap(packet).putInt(4, version);
        List<Message> direct = answers(postgres.port(), with(packet, RawClient.message('X')), () -> Integer.MAX_VALUE);
        assertThat(direct.getFirst().type()).isEqualTo('v');
        assertThat(answers(proxy.port(), with(packet, RawClient.message('X')), () -> Integer.MAX_VALUE))
                .isEqualTo(direct);
    }

    private static byte[] with(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @Test
    void aParameterGivenTwiceIsRefused() throws IOException {
        byte[] packet = RawClient.startup("user", "postgres", "replication", "true", "replication", "database");
        assertThat(refusal(proxy.port(), packet).field('C')).isEqualTo("08P01");
    }

    private static Message refusal(int port, byte[] packet) throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            client.send(packet);
            return client.readLastError().orElseThrow();
        }
    }

    @Test
    void aMessageWithASenselessLengthEndsTheSession() throws IOException {
        try (RawClient client = RawClient.connect(proxy.port()).login()) {
            client.send(ByteBuffer.allocate(5).put((byte) 'Q').putInt(-5).array());
            client.readToEnd();
        }
        try (RawClient next = RawClient.connect(proxy.port()).login()) {
            next.send(RawClient.query("select 1"));
            assertThat(next.readUntil('Z')).hasSize(4);
        }
    }
}
