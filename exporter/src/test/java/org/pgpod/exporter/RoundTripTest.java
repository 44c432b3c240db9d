package org.pgpod.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.catalog.Choice;
import org.pgpod.exporter.catalog.CollectorFiles;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;

/** Counts what goes over the wire. Source: Postgres manual, message formats. */
class RoundTripTest {
    private static final int CONNECTIONS = 0;
    private static final int SYNCS = 1;

    @Test
    void allCheapFamiliesTakeOneRoundTripOnOneKeptConnection() throws Exception {
        AtomicInteger[] counts = {new AtomicInteger(), new AtomicInteger()};
        try (PostgresServer server = RunningExporter.prepared(PostgresServer.start());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ServerSocket relay = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            threads.execute(() -> accept(relay, server.port(), threads, counts));
            try (RunningExporter exporter = RunningExporter.on(
                    relay.getLocalPort(), "loginCheckInterval: 5min", "disabledCollectors: " + background())) {
                Await.until("up", () -> exporter.scrape().value("pg_up") == 1);
                // Past the driver's threshold for naming statements, which is a state of its own.
                for (int i = 0; i < 7; i++) {
                    awaitDue(exporter);
                    int connectionsBefore = counts[CONNECTIONS].get();
                    int syncsBefore = counts[SYNCS].get();
                    exporter.scrape();
                    assertThat(counts[SYNCS].get() - syncsBefore).isEqualTo(1);
                    assertThat(counts[CONNECTIONS].get()).isEqualTo(connectionsBefore);
                }
            }
        }
    }

    private static List<String> background() throws Exception {
        return Catalog.read(CollectorFiles.NONE, Choice.STANDARD).collectors().stream()
                .filter(collector -> collector.cadence() == Cadence.BACKGROUND)
                .map(Collector::name)
                .toList();
    }

    /** A page shows how old families are without asking Postgres only after a scrape; time itself is the condition. */
    private static void awaitDue(RunningExporter exporter) throws Exception {
        long start = System.nanoTime();
        exporter.get("/livez");
        Await.until("the families are older than their ttl", () -> System.nanoTime() - start > 1_050_000_000L);
    }

    private static void accept(ServerSocket relay, int port, ExecutorService threads, AtomicInteger[] counts) {
        try {
            while (true) {
                Socket client = relay.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                counts[CONNECTIONS].incrementAndGet();
                threads.execute(() -> forward(client, server, counts[SYNCS]));
                threads.execute(() -> back(server, client));
            }
        } catch (IOException closed) {
            // The test is over.
            return;
        }
    }

    private static void back(Socket server, Socket client) {
        try (server;
                client) {
            server.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException ended) {
            // One side has gone, and with it the connection.
            return;
        }
    }

    private static void forward(Socket client, Socket server, AtomicInteger syncs) {
        try (client;
                server) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(server.getOutputStream());
            int startupLength = in.readInt();
            out.writeInt(startupLength);
            out.write(in.readNBytes(startupLength - Integer.BYTES));
            while (true) {
                int type = in.readByte();
                byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
                if (type == 'S') {
                    syncs.incrementAndGet();
                }
                out.writeByte(type);
                out.writeInt(body.length + Integer.BYTES);
                out.write(body);
                out.flush();
            }
        } catch (IOException ended) {
            // One side has gone, and with it the connection.
            return;
        }
    }
}
