package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;
import org.pgpod.wireproxy.testing.RawClient.Message;

/** A server that sends anything but what Postgres sends gets nothing from the proxy, and its clients get an error. */
class MaliciousBackendTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        postgres.stop();
        proxy = ProxyFixture.start(
                postgres, Map.of("clientTls", "allowed", "clientAuthentication", "scram", "loginTimeout", "30s"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    /** What the server says after each message that it reads. */
    record Script(String name, List<byte[]> answers) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Script script(String name, byte[]... answers) {
        return new Script(name, List.of(answers));
    }

    private static byte[] typed(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    private static byte[] authentication(int code, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
        return typed(
                'R',
                ByteBuffer.allocate(4 + bytes.length).putInt(code).put(bytes).array());
    }

    private static byte[] header(int type, int length) {
        return ByteBuffer.allocate(5).put((byte) type).putInt(length).array();
    }

    static List<Script> scripts() {
        byte[] sasl = authentication(10, "SCRAM-SHA-256\0\0");
        return List.of(
                script("nothing but the end", new byte[0]),
                script("no authentication", header('Z', 5)),
                script("a length of 0", header('R', 0)),
                script("a length of -1", header('R', -1)),
                script("a length of 2^31-1", header('R', Integer.MAX_VALUE)),
                script("a request without a code", typed('R', new byte[2])),
                script("an unknown code", authentication(99, "")),
                script("a password in clear", authentication(3, "")),
                script("md5", authentication(5, "salt")),
                script("another mechanism", authentication(10, "OTHER\0\0")),
                script("a list without an end", authentication(10, "SCRAM-SHA-256")),
                script("an exchange that goes on before it began", authentication(11, "r=x,s=AAAA,i=1")),
                script("a signature before the exchange", authentication(12, "v=AAAA")),
                script("admission in the middle", sasl, authentication(0, "")),
                script("a nonce of 64 KiB", sasl, authentication(11, "r=" + "x".repeat(65_536) + ",s=AAAA,i=4096")),
                script("a nonce of another", sasl, authentication(11, "r=other,s=AAAA,i=4096")),
                script("the list twice", sasl, sasl),
                script("an error without fields", typed('E', new byte[1])),
                script("an error without an end", typed('E', "SFATAL".getBytes(StandardCharsets.US_ASCII))),
                script("an error longer than any", header('E', 1 << 30)),
                script("endless notices", header('N', 29_000)));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void nothingIsBelieved(Script script) throws IOException {
        try (ServerSocketChannel server = listen()) {
            Thread.ofVirtual().start(() -> serve(server, script));
            try (RawClient client = RawClient.connect(proxy.port())) {
                client.send(RawClient.startup("user", "app"));
                Message error = client.readLastError().orElseThrow();
                assertThat(error.field('C')).isEqualTo("57P03");
                assertThat(error.field('D')).contains("cannot look up passwords");
            }
        } finally {
            Files.delete(postgres.socket());
        }
    }

    private static ServerSocketChannel listen() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(postgres.socket()));
        return server;
    }

    private static void serve(ServerSocketChannel server, Script script) {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                for (byte[] answer : script.answers()) {
                    client.read(ByteBuffer.allocate(65_536));
                    client.write(ByteBuffer.wrap(answer));
                }
                if (script.answers().getLast().length > 5) {
                    client.read(ByteBuffer.allocate(65_536));
                }
            } catch (IOException ended) {
                // The proxy, or the test, has closed its side.
            }
        }
    }
}
