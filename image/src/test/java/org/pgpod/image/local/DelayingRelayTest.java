package org.pgpod.image.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DelayingRelayTest {
    private static final Duration DELAY = Duration.ofMillis(150);
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void everyAnswerArrivesWholeAndLate() throws Exception {
        byte[] answer = new byte[100_000];
        new Random(7).nextBytes(answer);
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            Thread.ofVirtual().start(() -> answerOnce(server, answer));
            InetSocketAddress relay = freeAddress();
            DelayingRelay.start(relay, new InetSocketAddress(LOOPBACK, server.getLocalPort()), DELAY);
            try (Socket client = new Socket(LOOPBACK, relay.getPort())) {
                long asked = System.nanoTime();
                client.getOutputStream().write('?');
                int first = client.getInputStream().read();
                assertThat(System.nanoTime() - asked).isGreaterThanOrEqualTo(DELAY.toNanos());
                byte[] rest = client.getInputStream().readAllBytes();
                assertThat((byte) first).isEqualTo(answer[0]);
                assertThat(rest).isEqualTo(java.util.Arrays.copyOfRange(answer, 1, answer.length));
            }
        }
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, LOOPBACK)) {
            return new InetSocketAddress(LOOPBACK, probe.getLocalPort());
        }
    }

    /** Answers the first byte, and hangs up. */
    private static void answerOnce(ServerSocket server, byte[] answer) {
        try (Socket socket = server.accept()) {
            if (socket.getInputStream().read() == '?') {
                socket.getOutputStream().write(answer);
            }
        } catch (IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
    }
}
