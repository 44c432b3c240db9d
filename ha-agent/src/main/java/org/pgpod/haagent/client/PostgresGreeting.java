package org.pgpod.haagent.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.pgpod.haagent.model.port.Reading;

/**
 * Asks Postgres for the first word of a new session, and for nothing else: it needs no password, waits for no lock, and is
 * answered even when no more sessions are allowed. The postmaster must take the connection and fork a process that answers.
 *
 * <p>The message is SSLRequest of the frontend/backend protocol; a client that leaves after the answer is not logged.
 */
public final class PostgresGreeting {
    private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 0x04, (byte) 0xd2, 0x16, 0x2f};

    private final String host;
    private final int port;

    public PostgresGreeting(String host, int port) {
        this.host = host;
        this.port = port;
    }

    /** False when {@code timeout} went by without a word; a failure when that could not be found out. */
    public Reading<Boolean> ask(Duration timeout) {
        int limit = Math.toIntExact(timeout.toMillis());
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(limit);
            socket.connect(new InetSocketAddress(host, port), limit);
            socket.getOutputStream().write(SSL_REQUEST);
            boolean answered = socket.getInputStream().read() >= 0;
            return answered ? Reading.of(true) : Reading.failed("closed without a word");
        } catch (SocketTimeoutException silent) {
            return Reading.of(false);
        } catch (IOException refused) {
            return Reading.failed(String.valueOf(refused.getMessage()));
        }
    }
}
