package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** Random conversations, sound and malformed, give the same bytes from Postgres and through the proxy. */
class TranscriptTest {
    private static final int ROUNDS = 60;
    private static final int ROUNDS_LONG = 2_000;
    private static final List<String> STATEMENTS = List.of(
            "select 1",
            "select 'two', null, 3",
            "",
            "select 1/0",
            "select nothing",
            "begin",
            "commit",
            "rollback",
            "savepoint s",
            "rollback to s",
            "create temp table if not exists t (n int primary key)",
            "insert into t values (1)",
            "select n from generate_series(1, 300) n",
            "do $$ begin raise notice 'a notice'; end $$",
            "do $$ begin raise warning 'VERROR'; end $$",
            "set application_name = 'another'",
            "show application_name",
            "listen news",
            "notify news, 'hello'",
            "select $1::int");
    private static final String TYPES = "QPBDECHSFXdcfp?Z\0";

    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() throws IOException {
        postgres = PostgresServer.start();
        // Everything that looks into messages is on.
        proxy = ProxyFixture.start(
                postgres,
                Map.of("clientTls", "allowed", "slowStatementThreshold", "1ms", "metricLabels", "[user, application]"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    @Test
    void randomConversationsGiveTheSameBytes() throws IOException {
        compare(ROUNDS);
    }

    @Test
    @Tag("long")
    void manyRandomConversationsGiveTheSameBytes() throws IOException {
        compare(ROUNDS_LONG);
    }

    private static void compare(int rounds) throws IOException {
        long first = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            long seed = first + round;
            Random random = new Random(seed);
            byte[] conversation = conversation(random);
            List<String> direct = answers(postgres.port(), conversation, () -> Integer.MAX_VALUE);
            assertThat(answers(proxy.port(), conversation, () -> 1 + random.nextInt(60)))
                    .as("seed %d", seed)
                    .isEqualTo(direct);
        }
    }

    private static byte[] conversation(Random random) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(
                RawClient.startup("user", "postgres", "database", "postgres", "application_name", "transcript"));
        int steps = 1 + random.nextInt(12);
        for (int i = 0; i < steps; i++) {
            bytes.writeBytes(step(random));
        }
        switch (random.nextInt(4)) {
            case 0 -> bytes.writeBytes(senselessLength(random));
            case 1 -> bytes.writeBytes(joined(garbage(random), RawClient.message('S'), RawClient.message('X')));
            default -> bytes.writeBytes(joined(RawClient.message('S'), RawClient.message('X')));
        }
        return bytes.toByteArray();
    }

    private static String statement(Random random) {
        return STATEMENTS.get(random.nextInt(STATEMENTS.size()));
    }

    private static byte[] step(Random random) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> RawClient.query(statement(random) + ";" + statement(random));
            case 2 -> joined(extended(random), RawClient.message('S'));
            case 3 -> joined(extended(random), extended(random), extended(random), RawClient.message('S'));
            case 4 ->
                joined(
                        RawClient.query("create temp table if not exists t (n int primary key)"),
                        RawClient.query("copy t from stdin"),
                        body('d', (random.nextInt(1_000) + "\n").getBytes(StandardCharsets.US_ASCII)),
                        random.nextBoolean() ? RawClient.message('c') : RawClient.message('f', "no more"));
            default ->
                joined(RawClient.query("copy (select generate_series(1, 50)) to stdout"), RawClient.message('H'));
        };
    }

    private static byte[] extended(Random random) {
        byte[] parse = body('P', text("", statement(random), "\0"));
        byte[] bind = body('B', new byte[8]);
        byte[] describe = body('D', text("P"));
        byte[] execute = body('E', new byte[] {0, 0, 0, 0, (byte) random.nextInt(3)});
        return random.nextBoolean() ? joined(parse, bind, describe, execute) : joined(parse, bind, execute);
    }

    private static byte[] text(String... texts) {
        String all = String.join("\0", texts) + "\0";
        return all.getBytes(StandardCharsets.US_ASCII);
    }

    /** A message with a body that makes no sense, or of no type. */
    private static byte[] garbage(Random random) {
        byte[] garbage = new byte[random.nextInt(40)];
        random.nextBytes(garbage);
        return body(TYPES.charAt(random.nextInt(TYPES.length())), garbage);
    }

    /** A header with a length that no message has, upon which Postgres closes without reading more. */
    private static byte[] senselessLength(Random random) {
        int[] lengths = {0, 3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x40000000};
        return ByteBuffer.allocate(5)
                .put((byte) TYPES.charAt(random.nextInt(TYPES.length())))
                .putInt(lengths[random.nextInt(lengths.length)])
                .array();
    }

    private static byte[] body(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Every message up to the end, keys and pids left out. */
    private static List<String> answers(int port, byte[] bytes, IntSupplier pieceLength) throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            send(client, bytes, pieceLength);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                for (int next = client.read(); next >= 0; next = client.read()) {
                    answer.write(next);
                }
            } catch (SocketException reset) {
                // Postgres leaves unread what comes behind its last word.
            }
            return messages(answer.toByteArray());
        }
    }

    private static void send(RawClient client, byte[] bytes, IntSupplier pieceLength) throws IOException {
        try {
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, pieceLength.getAsInt());
                client.send(Arrays.copyOfRange(bytes, at, at + length));
                at += length;
            }
        } catch (SocketException ended) {
            // What was answered before the end is compared.
        }
    }

    private static List<String> messages(byte[] answer) {
        ByteBuffer rest = ByteBuffer.wrap(answer);
        List<String> messages = new ArrayList<>();
        while (rest.remaining() >= 5) {
            char type = (char) rest.get();
            byte[] body = new byte[Math.min(rest.getInt() - 4, rest.remaining())];
            rest.get(body);
            String text = new String(body, StandardCharsets.ISO_8859_1);
            messages.add(type
                    + switch (type) {
                        case 'K' -> "";
                        case 'A' -> text.substring(4);
                        default -> text;
                    });
        }
        return messages;
    }
}
