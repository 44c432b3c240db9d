package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;
import org.pgpod.wireproxy.testing.TlsClient;
import org.pgpod.wireproxy.testing.VerifierSource;

/** Whatever a client sends in place of a proof, the proxy answers what Postgres answers, and admits nobody. */
class ScramTranscriptTest {
    private static final String FIRST = "n,,n=,r=nonce";

    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        VerifierSource.prepare(postgres);
        postgres.execute("set password_encryption = 'scram-sha-256'; create role app login password 'right'");
        proxy = ProxyFixture.start(postgres, Map.of("clientTls", "allowed", "clientAuthentication", "scram"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    private static byte[] typed(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    private static byte[] initial(String mechanism, int length, String data) {
        byte[] name = (mechanism + "\0").getBytes(StandardCharsets.ISO_8859_1);
        byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
        return typed(
                'p',
                ByteBuffer.allocate(name.length + 4 + bytes.length)
                        .put(name)
                        .putInt(length)
                        .put(bytes)
                        .array());
    }

    private static byte[] first(String data) {
        return initial("SCRAM-SHA-256", data.length(), data);
    }

    private static byte[] response(String data) {
        return typed('p', data.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A name for the report, and what is sent after the startup packet; {@code $} stands for the server's nonce. */
    record Attempt(String name, List<byte[]> messages) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Attempt attempt(String name, byte[]... messages) {
        return new Attempt(name, List.of(messages));
    }

    static List<Attempt> attempts() {
        List<Attempt> attempts = new ArrayList<>();
        for (int length : new int[] {-2, 0, 1, FIRST.length() + 1, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            attempts.add(attempt("length " + length, initial("SCRAM-SHA-256", length, FIRST)));
        }
        attempts.add(attempt("no data but some", initial("SCRAM-SHA-256", -1, FIRST)));
        attempts.add(attempt("no data, then the message", initial("SCRAM-SHA-256", -1, ""), response("x,,")));
        attempts.add(attempt("no zero byte", typed('p', "SCRAM-SHA-256".getBytes(StandardCharsets.US_ASCII))));
        attempts.add(attempt("no length", typed('p', "SCRAM-SHA-256\0".getBytes(StandardCharsets.US_ASCII))));
        attempts.add(attempt("an empty message", typed('p', new byte[0])));
        for (String mechanism : List.of("", "PLAIN", "scram-sha-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1")) {
            attempts.add(attempt("mechanism " + mechanism, initial(mechanism, FIRST.length(), FIRST)));
        }
        for (String message : List.of(
                "p=tls-server-end-point,,n=,r=nonce",
                "p=tls-unique,,n=,r=nonce",
                "x,,n=,r=nonce",
                "\u0001,,n=,r=nonce",
                "n",
                "n,",
                "nn,,n=,r=nonce",
                "n,a=admin,n=,r=nonce",
                "n,b=,n=,r=nonce",
                "n,,m=ext,n=,r=nonce",
                "n,,r=nonce",
                "n,,n=",
                "n,,n=,",
                "n,,n=,r",
                "n,,n=,r=n\u0007nce",
                "n,,n=,r=nonce,1=x",
                "n,,n=,r=nonce,x",
                "n,,n=,r=non\0ce",
                "y,,")) {
            attempts.add(attempt("first " + message.replace('\0', '0'), first(message)));
        }
        for (String message : List.of(
                "",
                "c",
                "c=biws",
                "c=eSws,r=$,p=AAAA",
                "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws,r=$,p=AAAA",
                "c=biws,r=$",
                "c=biws,r=$,p=",
                "c=biws,r=$,p=AAAA",
                "c=biws,r=$,p=!!!!",
                "c=biws,r=$,x=1,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "c=biws,r=$,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,x=1",
                "c=biws,r=other,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "c=biws,r=$,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")) {
            attempts.add(attempt("last " + message, first(FIRST), response(message)));
        }
        attempts.add(attempt("last of flag y", first("y,,n=,r=nonce"), response("c=biws,r=$,p=AAAA")));
        attempts.add(attempt("a query", RawClient.query("select 1")));
        attempts.add(attempt("too long", first("n,,n=,r=" + "x".repeat(1_021 - 26))));
        attempts.add(attempt("as long as allowed", first("n,,n=,r=" + "x".repeat(1_020 - 26))));
        attempts.add(attempt("length field 2^31-1", new byte[] {'p', 127, -1, -1, -1}));
        attempts.add(attempt("length field -1", new byte[] {'p', -1, -1, -1, -1}));
        attempts.add(attempt("length field 0", new byte[] {'p', 0, 0, 0, 0}));
        return attempts;
    }

    /** The server's messages, the nonce and salt taken out, up to an error or to its next question. */
    private static List<String> answers(RawClient client, String role, Attempt attempt) throws IOException {
        List<String> answers = new ArrayList<>();
        client.send(RawClient.startup("user", role, "database", "postgres"));
        Optional<Message> answer = read(client);
        String nonce = "";
        for (byte[] message : attempt.messages()) {
            answer.ifPresent(question -> answers.add(shown(question)));
            if (answer.isEmpty() || answer.get().type() == 'E') {
                return answers;
            }
            if (answer.get().body().contains("r=")) {
                nonce = answer.get().body().replaceAll("(?s).*r=([^,]*),.*", "$1");
            }
            String text = new String(message, StandardCharsets.ISO_8859_1);
            client.send(text.contains("r=$") ? response(text.substring(5).replace("$", nonce)) : message);
            answer = read(client);
        }
        answers.add(answer.map(ScramTranscriptTest::shown).orElse("closed"));
        return answers;
    }

    private static Optional<Message> read(RawClient client) {
        try {
            return Optional.of(client.readMessage());
        } catch (IOException closed) {
            return Optional.empty();
        }
    }

    private static String shown(Message message) {
        if (message.type() == 'E') {
            return "E " + message.field('S') + " " + message.field('C') + " " + message.field('M') + " "
                    + message.field('D') + " " + message.field('H');
        }
        return message.type() + message.body().replaceAll("r=[^,]*,s=[^,]*", "r=…,s=…");
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void aMalformedExchangeGetsTheAnswersOfPostgres(Attempt attempt) throws IOException {
        for (String role : List.of("app", "absent")) {
            List<String> direct;
            try (RawClient client = RawClient.connect(postgres.port())) {
                direct = answers(client, role, attempt);
            }
            try (RawClient client = RawClient.connect(proxy.port())) {
                assertThat(answers(client, role, attempt)).as(role).isEqualTo(direct);
            }
            assertThat(direct.getLast()).doesNotStartWith("R\0\0\0\0");
        }
    }

    @Test
    void anUnknownRoleAlwaysHasTheSameSaltAndAnotherRoleAnother() throws IOException {
        assertThat(challenge("absent")).isEqualTo(challenge("absent")).matches("(?s).*,s=[A-Za-z0-9+/]{22}==,i=4096");
        assertThat(challenge("absent")).isNotEqualTo(challenge("absent too"));
    }

    private static String challenge(String role) throws IOException {
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.send(RawClient.startup("user", role));
            client.readMessage();
            client.send(first(FIRST));
            return client.readMessage().body().replaceAll("r=[^,]*", "");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"n,,n=,r=nonce", "y,,n=,r=nonce"})
    void aStrongerMechanismCannotBeTakenOutOfTheList(String message) throws IOException {
        try (RawClient plain = RawClient.connect(proxy.port())) {
            plain.sendInts(8, RawClient.TLS_REQUEST);
            assertThat(plain.read()).isEqualTo('S');
            RawClient client = RawClient.over(
                    TlsClient.handshake(plain.socket(), proxy.certificates().authorityCertificate(), "postgresql"));
            client.send(RawClient.startup("user", "app"));
            assertThat(client.readMessage().body()).contains("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
            client.send(first(message));
            Message answer = client.readMessage();
            if (message.startsWith("n")) {
                assertThat(answer.type()).isEqualTo('R');
            } else {
                assertThat(shown(answer)).startsWith("E FATAL 28000 SCRAM channel binding negotiation error");
            }
        }
    }

    @Test
    void anEmptyRoleIsRefusedAsPostgresDoes() throws IOException {
        for (byte[] packet : List.of(RawClient.startup("user", ""), RawClient.startup("database", "postgres"))) {
            Message direct;
            try (RawClient client = RawClient.connect(postgres.port())) {
                client.send(packet);
                direct = client.readLastError().orElseThrow();
            }
            try (RawClient client = RawClient.connect(proxy.port())) {
                client.send(packet);
                assertThat(shown(client.readLastError().orElseThrow())).isEqualTo(shown(direct));
            }
        }
    }

    @Test
    void anyBytesEndWithoutASession() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        double sessions = proxy.metric("pgpod_proxy_sessions_total{listener=\"clients\"}");
        for (int round = 0; round < 200; round++) {
            byte[] valid = random.nextBoolean() ? first(FIRST) : initial("SCRAM-SHA-256", -1, "");
            for (int change = random.nextInt(1, 5); change > 0; change--) {
                valid[random.nextInt(valid.length)] = (byte) random.nextInt();
            }
            try (RawClient client = RawClient.connect(proxy.port())) {
                client.send(RawClient.startup("user", "app"));
                client.send(Arrays.copyOf(valid, random.nextInt(1, valid.length + 1)));
                client.socket().shutdownOutput();
                assertThat(new String(client.readToEnd(), StandardCharsets.ISO_8859_1))
                        .as("seed %d round %d", seed, round)
                        .doesNotContain("R\0\0\0\10\0\0\0\0");
            }
        }
        assertThat(proxy.metric("pgpod_proxy_sessions_total{listener=\"clients\"}"))
                .isEqualTo(sessions);
        try (RawClient client = RawClient.connect(proxy.port())) {
            client.send(RawClient.startup("user", "app"));
            assertThat(client.readMessage().type()).isEqualTo('R');
        }
    }
}
