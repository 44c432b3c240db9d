package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.testing.PoolFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** Random pipelines of several clients get the same answers from shared server connections as from connections of their own. */
class PooledTranscriptTest {
    private static final int SEEDS = Integer.getInteger("pgpod.transcripts", 60);
    private static final int ROUNDS = 40;
    private static final int CLIENTS = 4;

    private static PoolFixture pool;

    @BeforeAll
    static void start() throws IOException {
        pool = PoolFixture.start(
                "transaction", Map.of("poolSize", "2", "preparedStatementsPerServer", "10", "clientTls", "allowed"));
        pool.postgres().execute("create table target (n int)");
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    /** One batch, and how many ReadyForQuery messages answer it. */
    private static final class Batch {
        final byte[] bytes;
        final int answers;

        Batch(byte[] bytes, int answers) {
            this.bytes = bytes;
            this.answers = answers;
        }

        @Override
        public String toString() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static final class Writer {
        final Random random;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        int answers;

        Writer(Random random) {
            this.random = random;
        }

        Batch batch() {
            int messages = 1 + random.nextInt(8);
            for (int i = 0; i < messages; i++) {
                one();
            }
            sync();
            return new Batch(out.toByteArray(), answers);
        }

        private void sync() {
            add(RawClient.message('S'));
            answers++;
        }

        private void add(byte[] message) {
            out.writeBytes(message);
        }

        private String name() {
            return "s" + random.nextInt(14);
        }

        private String sql() {
            return switch (random.nextInt(9)) {
                case 0 -> "select 1 / 0";
                case 1 -> "begin";
                case 2 -> "commit";
                case 3 -> "rollback";
                case 4 -> "select from nowhere";
                case 5 -> "insert into target values (" + random.nextInt(5) + ")";
                default -> "select " + random.nextInt(20) + " as n";
            };
        }

        private void one() {
            switch (random.nextInt(13)) {
                case 0, 1, 2 -> add(RawClient.message('P', name(), sql(), "\0"));
                case 3, 4, 5 -> {
                    add(RawClient.message('B', "", name(), "\0\0\0\0\0"));
                    if (random.nextBoolean()) {
                        add(RawClient.message('D', "P"));
                    }
                    add(RawClient.message('E', "", "\0\0\0"));
                }
                case 6 -> add(RawClient.message('D', "S" + name()));
                case 7 -> add(RawClient.message('C', "S" + name()));
                case 8 -> add(RawClient.message('H'));
                case 9 -> sync();
                case 10 -> query();
                case 11 -> {
                    add(RawClient.message('P', "", sql(), "\0"));
                    add(RawClient.message('D', "S"));
                    add(RawClient.message('B', "", "", "\0\0\0\0\0"));
                    add(RawClient.message('E', "", "\0\0\0"));
                }
                default -> add(RawClient.message('C', "P"));
            }
        }

        /** After a Sync, so that no error before it makes Postgres skip it. */
        private void query() {
            sync();
            add(RawClient.query(sql()));
            answers++;
        }
    }

    private static List<Message> exchange(RawClient client, Batch batch) throws IOException {
        client.send(batch.bytes);
        List<Message> all = new ArrayList<>();
        for (int i = 0; i < batch.answers; i++) {
            all.addAll(client.readUntil('Z'));
        }
        return all;
    }

    /** What must be the same: not the names of statements in errors, nor where in the server's source they come from. */
    private static String shown(Message message) {
        return switch (message.type()) {
            case 'E', 'N' -> message.type() + message.field('C');
            default -> message.type() + message.body();
        };
    }

    private static List<String> shown(List<Message> answers) {
        return answers.stream().map(PooledTranscriptTest::shown).toList();
    }

    @Test
    void answersAreThoseOfAConnectionOfOnesOwn() throws IOException {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            List<RawClient> direct = new ArrayList<>();
            List<RawClient> shared = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                direct.add(RawClient.connect(pool.postgres().port()).login());
                shared.add(pool.raw());
            }
            for (int round = 0; round < ROUNDS; round++) {
                int one = random.nextInt(CLIENTS);
                Batch batch = new Writer(random).batch();
                // A transaction left open by a batch ends here, so that two server connections are enough.
                Batch end = new Batch(RawClient.query("rollback"), 1);
                for (Batch next : List.of(batch, end)) {
                    List<String> expected = shown(exchange(direct.get(one), next));
                    List<Message> answers = exchange(shared.get(one), next);
                    assertThat(shown(answers))
                            .as("seed %d round %d batch %s answers %s", seed, round, next, answers)
                            .isEqualTo(expected);
                }
            }
            for (int i = 0; i < CLIENTS; i++) {
                direct.get(i).close();
                shared.get(i).close();
            }
        }
    }
}
