package org.pgpod.wireproxy.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.wireproxy.auth.LoginSecret;
import org.pgpod.wireproxy.auth.ScramClient;

/** A client that sends exactly the bytes it is told to, and reads messages. */
public final class RawClient implements AutoCloseable {
    public static final int TLS_REQUEST = 80877103;
    public static final int GSS_REQUEST = 80877104;

    private static final int TIMEOUT_MILLIS = 60_000;

    /** One message of the server: its type and its body, a character for each byte. */
    public record Message(char type, String body) {
        /** A field of an ErrorResponse, empty if it is not there. */
        public String field(char wanted) {
            Matcher matcher =
                    Pattern.compile("(?:^|\0)" + wanted + "([^\0]*)\0").matcher(body);
            return matcher.find() ? matcher.group(1) : "";
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        this.in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        this.out = socket.getOutputStream();
    }

    public static RawClient connect(int port) throws IOException {
        return new RawClient(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Goes on over a socket that is already set up, such as one with TLS. */
    public static RawClient over(Socket socket) throws IOException {
        return new RawClient(socket);
    }

    public Socket socket() {
        return socket;
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void sendInts(int... numbers) throws IOException {
        send(ints(numbers));
    }

    public static byte[] ints(int... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * numbers.length);
        for (int number : numbers) {
            buffer.putInt(number);
        }
        return buffer.array();
    }

    /** A startup packet of protocol 3.0 with these parameters, names and values in turn. */
    public static byte[] startup(String... parameters) {
        byte[] body = (String.join("\0", parameters) + "\0\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + body.length)
                .putInt(8 + body.length)
                .putInt(3 << 16)
                .put(body)
                .array();
    }

    public static byte[] message(char type, String... texts) {
        byte[] body =
                texts.length == 0 ? new byte[0] : (String.join("\0", texts) + "\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    public static byte[] query(String sql) {
        return message('Q', sql);
    }

    /** One byte; -1 at the end of the connection. */
    public int read() throws IOException {
        return in.read();
    }

    public Message readMessage() throws IOException {
        char type = (char) in.readUnsignedByte();
        byte[] body = new byte[in.readInt() - 4];
        in.readFully(body);
        return new Message(type, new String(body, StandardCharsets.ISO_8859_1));
    }

    /** Everything up to and including the message of this type. */
    public List<Message> readUntil(char type) throws IOException {
        List<Message> messages = new ArrayList<>();
        do {
            messages.add(readMessage());
        } while (messages.getLast().type() != type);
        return messages;
    }

    /** Logs in as postgres, who is trusted, and returns once Postgres is ready. */
    public RawClient login() throws IOException {
        send(startup("user", "postgres", "database", "postgres"));
        readUntil('Z');
        return this;
    }

    /** Logs in by SCRAM, and returns once the server is ready. */
    public RawClient login(String role, String password) throws IOException {
        return loginTo("postgres", role, password);
    }

    public RawClient loginTo(String database, String role, String password) throws IOException {
        send(startup("user", role, "database", database));
        ScramClient scram = new ScramClient(new LoginSecret.Password(password), "rawclient" + System.nanoTime());
        readUntil('R');
        send(sasl("SCRAM-SHA-256", scram.first()));
        send(saslAnswer(scram.answer(readMessage().body().substring(4))));
        readMessage();
        readUntil('Z');
        return this;
    }

    private static byte[] sasl(String mechanism, String data) {
        byte[] body = (mechanism + "\0").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(9 + body.length + data.length())
                .put((byte) 'p')
                .putInt(8 + body.length + data.length())
                .put(body)
                .putInt(data.length())
                .put(data.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static byte[] saslAnswer(ScramClient.Reply reply) throws IOException {
        if (!(reply instanceof ScramClient.Reply.Send answer)) {
            throw new IOException("the server does not speak SCRAM: " + reply);
        }
        byte[] data = answer.data().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(5 + data.length)
                .put((byte) 'p')
                .putInt(4 + data.length)
                .put(data)
                .array();
    }

    /** Everything until the end of the connection, a reset included; empty when there is nothing. */
    public byte[] readToEnd() throws IOException {
        try {
            return in.readAllBytes();
        } catch (SocketException reset) {
            return new byte[0];
        }
    }

    /** The error that the server sends before it closes; empty when it closes without a word. */
    public Optional<Message> readLastError() throws IOException {
        try {
            Message message = readMessage();
            while (message.type() != 'E') {
                message = readMessage();
            }
            readToEnd();
            return Optional.of(message);
        } catch (EOFException | SocketException silent) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
