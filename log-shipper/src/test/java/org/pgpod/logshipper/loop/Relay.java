package org.pgpod.logshipper.loop;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between a client and a Postgres server, understands the messages of the client, and breaks the connection where a
 * test wants it broken. Each fault happens once after it was asked for.
 */
final class Relay implements AutoCloseable {
    /** Where a connection breaks. */
    enum Fault {
        NONE,
        /** The client's rows reach the server in part. */
        IN_COPY,
        /** The server commits; the client never hears of it. */
        AFTER_COMMIT,
        /** The client loses the connection, and the server gets the commit some time later. */
        LATE_COMMIT
    }

    private static final long LATE_MILLIS = 700;

    private final ServerSocket listener;
    private final int serverPort;
    private final AtomicReference<Fault> next = new AtomicReference<>(Fault.NONE);
    private final AtomicInteger faults = new AtomicInteger();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    Relay(int serverPort) {
        this.serverPort = serverPort;
        try {
            listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Breaks the next connection that comes to this point. */
    void fault(Fault fault) {
        next.set(fault);
    }

    /** How many faults have happened. */
    int faults() {
        return faults.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                sockets.add(client);
                sockets.add(server);
                new Connection(client, server).start();
            }
        } catch (IOException closed) {
            closeAll();
        }
    }

    private final class Connection {
        private final Socket client;
        private final Socket server;
        private final Set<String> commitStatements = ConcurrentHashMap.newKeySet();
        private final CountDownLatch answered = new CountDownLatch(1);
        private volatile boolean silent;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void start() {
            Thread.ofVirtual().start(() -> pump(this::toServer));
            Thread.ofVirtual().start(() -> pump(this::toClient));
        }

        private void pump(Pump pump) {
            try {
                pump.run();
            } catch (IOException broken) {
                answered.countDown();
            } finally {
                if (!silent) {
                    close(client);
                    close(server);
                }
            }
        }

        private void toClient() throws IOException {
            byte[] buffer = new byte[65_536];
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (silent) {
                    answered.countDown();
                } else {
                    out.write(buffer, 0, read);
                    out.flush();
                }
            }
            answered.countDown();
        }

        private void toServer() throws IOException {
            DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(client.getInputStream(), 65_536));
            DataOutputStream out = new DataOutputStream(server.getOutputStream());
            int startup = in.readInt();
            out.writeInt(startup);
            out.write(in.readNBytes(startup - Integer.BYTES));
            while (true) {
                int type = in.readUnsignedByte();
                int length = in.readInt();
                byte[] body = in.readNBytes(length - Integer.BYTES);
                if (type == 'd' && next.compareAndSet(Fault.IN_COPY, Fault.NONE)) {
                    faults.incrementAndGet();
                    out.writeByte(type);
                    out.writeInt(length);
                    out.write(body, 0, body.length / 2);
                    return;
                }
                boolean commits = commits(type, body);
                Fault fault = commits ? next.get() : Fault.NONE;
                if (fault == Fault.LATE_COMMIT && next.compareAndSet(fault, Fault.NONE)) {
                    faults.incrementAndGet();
                    silent = true;
                    close(client);
                    pause();
                    write(out, type, length, body);
                    finish(out);
                    return;
                }
                silent |= fault == Fault.AFTER_COMMIT && next.compareAndSet(fault, Fault.NONE);
                write(out, type, length, body);
                if (silent && type == 'S') {
                    faults.incrementAndGet();
                    waitForAnswer();
                    close(client);
                    close(server);
                    return;
                }
            }
        }

        /** Ends the extended query whose beginning was passed on late: Execute and Sync, as the client would have. */
        private void finish(DataOutputStream out) throws IOException {
            out.write(new byte[] {'E', 0, 0, 0, 9, 0, 0, 0, 0, 0});
            out.write(new byte[] {'S', 0, 0, 0, 4});
            out.flush();
            waitForAnswer();
            close(server);
        }

        private boolean commits(int type, byte[] body) {
            if (type == 'P') {
                String name = text(body, 0);
                if (text(body, name.length() + 1).equals("COMMIT")) {
                    commitStatements.add(name);
                } else {
                    commitStatements.remove(name);
                }
                return false;
            }
            return type == 'B'
                    && commitStatements.contains(text(body, text(body, 0).length() + 1));
        }

        private void waitForAnswer() throws IOException {
            try {
                answered.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                throw new IOException(interrupted);
            }
        }

        private void pause() throws IOException {
            try {
                // The fault itself: what was held back reaches the server late.
                Thread.sleep(LATE_MILLIS);
            } catch (InterruptedException interrupted) {
                throw new IOException(interrupted);
            }
        }
    }

    @FunctionalInterface
    private interface Pump {
        void run() throws IOException;
    }

    private static void write(DataOutputStream out, int type, int length, byte[] body) throws IOException {
        out.writeByte(type);
        out.writeInt(length);
        out.write(body);
        out.flush();
    }

    private static String text(byte[] body, int from) {
        int end = from;
        while (body[end] != 0) {
            end++;
        }
        return new String(body, from, end - from, StandardCharsets.US_ASCII);
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException alreadyClosed) {
            sockets.remove(socket);
        }
    }

    private void closeAll() {
        Set.copyOf(sockets).forEach(this::close);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeAll();
    }
}
