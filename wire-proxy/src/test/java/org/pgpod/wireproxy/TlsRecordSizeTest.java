package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.testing.ProxyFixture;

/** libpq may hang on a TLS record that carries more than Postgres itself would put into one. */
class TlsRecordSizeTest {
    private static final int POSTGRES_RECORD_BYTES_MAX = 8_192;

    /** What TLS 1.3 may add to the content of a record: its type, padding aside, and the authentication tag. */
    private static final int OVERHEAD_BYTES = 1 + 16;

    private static final int HEADER_BYTES = 5;

    @Test
    void noRecordCarriesMoreThanPostgresWouldPutIntoOne() throws Exception {
        try (PostgresServer postgres = PostgresServer.start();
                ProxyFixture proxy = ProxyFixture.start(postgres, Map.of());
                ServerSocket relay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AtomicInteger largest = new AtomicInteger();
            Thread.ofPlatform().daemon().start(() -> relayOne(relay, proxy.port(), largest));
            Unprivileged.run(List.of(
                    "psql",
                    "-Xqd",
                    "host=127.0.0.1 port=" + relay.getLocalPort() + " user=postgres dbname=postgres sslmode=require",
                    "-c",
                    "COPY (SELECT repeat('x', 500) FROM generate_series(1, 20000)) TO STDOUT",
                    "-o",
                    "/dev/null"));
            assertThat(largest.get())
                    .isGreaterThan(POSTGRES_RECORD_BYTES_MAX / 2)
                    .isLessThanOrEqualTo(POSTGRES_RECORD_BYTES_MAX + OVERHEAD_BYTES);
        }
    }

    /** Relays one connection and measures the records that come from the proxy. */
    private static void relayOne(ServerSocket listening, int port, AtomicInteger largest) {
        try (Socket client = listening.accept();
                Socket proxy = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread.ofPlatform().daemon().start(() -> relayBytes(client, proxy));
            relayRecords(new DataInputStream(proxy.getInputStream()), client.getOutputStream(), largest);
        } catch (IOException ended) {
            // psql has left; had it left too early, its status would say so.
        }
    }

    private static void relayBytes(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException ended) {
            // The same.
        }
    }

    private static void relayRecords(DataInputStream from, OutputStream to, AtomicInteger largest) throws IOException {
        // The answer to SSLRequest is one byte and no record.
        to.write(from.readByte());
        byte[] header = new byte[HEADER_BYTES];
        while (true) {
            from.readFully(header);
            int length = ((header[3] & 0xff) << 8) | (header[4] & 0xff);
            largest.accumulateAndGet(length, Math::max);
            to.write(header);
            to.write(from.readNBytes(length));
        }
    }
}
