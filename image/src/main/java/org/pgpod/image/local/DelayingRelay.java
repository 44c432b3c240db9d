package org.pgpod.image.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A TCP relay that hands every byte of an answer on after a delay, as a slow network would: bytes on their way do not hold
 * up those behind them. A connection that ends on one side ends on the other.
 */
final class DelayingRelay {
    private static final int CHUNK_BYTES = 16_384;

    /** What may be on its way at once; beyond it the sender has to wait. */
    private static final int CHUNKS_MAX = 1_024;

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final Duration delay;

    private static final class Chunk {
        private final byte[] bytes;
        private final long dueNanos;

        Chunk(byte[] bytes, long dueNanos) {
            this.bytes = bytes;
            this.dueNanos = dueNanos;
        }
    }

    private DelayingRelay(ServerSocket listening, InetSocketAddress target, Duration delay) {
        this.listening = listening;
        this.target = target;
        this.delay = delay;
    }

    /** Relays for as long as the process lives. */
    static void start(InetSocketAddress from, InetSocketAddress to, Duration delay) throws IOException {
        ServerSocket listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(from);
        Thread.ofPlatform().name("relay").start(new DelayingRelay(listening, to, delay)::accept);
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getByName(target.getHostString()), target.getPort())) {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Thread requests = Thread.ofVirtual().start(() -> copy(client, server, Duration.ZERO));
            copy(server, client, delay);
            requests.join();
        } catch (IOException refused) {
            // The client sees its connection end, which is what it would see of the server.
            return;
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to, Duration delay) {
        BlockingQueue<Chunk> underway = new ArrayBlockingQueue<>(CHUNKS_MAX);
        Thread writer = Thread.ofVirtual().start(() -> deliver(underway, to));
        byte[] buffer = new byte[CHUNK_BYTES];
        try {
            InputStream input = from.getInputStream();
            int count = read(input, buffer);
            while (count > 0) {
                underway.put(new Chunk(Arrays.copyOf(buffer, count), System.nanoTime() + delay.toNanos()));
                count = read(input, buffer);
            }
            underway.put(new Chunk(new byte[0], System.nanoTime()));
            writer.join();
        } catch (IOException closed) {
            writer.interrupt();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** A connection that breaks has ended. */
    private static int read(InputStream input, byte[] buffer) {
        try {
            return input.read(buffer);
        } catch (IOException broken) {
            return -1;
        }
    }

    /** Ends with the empty chunk, and with both sockets when the receiver is gone. */
    private static void deliver(BlockingQueue<Chunk> underway, Socket to) {
        try (to) {
            OutputStream output = to.getOutputStream();
            Chunk chunk = underway.take();
            while (chunk.bytes.length > 0) {
                TimeUnit.NANOSECONDS.sleep(chunk.dueNanos - System.nanoTime());
                output.write(chunk.bytes);
                chunk = underway.take();
            }
        } catch (IOException gone) {
            return;
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
