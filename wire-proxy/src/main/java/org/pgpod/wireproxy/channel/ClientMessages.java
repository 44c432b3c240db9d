package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.protocol.ExtendedMessages;
import org.pgpod.wireproxy.protocol.Frontend;
import org.pgpod.wireproxy.protocol.MessageBuffer;
import org.pgpod.wireproxy.session.ClientStatements;
import org.pgpod.wireproxy.session.Pipeline;
import org.pgpod.wireproxy.session.Pipeline.Entry;
import org.pgpod.wireproxy.session.Pipeline.Kind;
import org.pgpod.wireproxy.session.Pipeline.Origin;
import org.pgpod.wireproxy.session.Statement;
import org.pgpod.wireproxy.session.StatementEffect;

/**
 * Reads what one client sends and passes it to whichever server connection serves it. In transaction mode the statements
 * that the client has prepared are found, or prepared again, at every one of them. Confined to the session's event loop.
 */
final class ClientMessages {
    /** A longer statement cannot be prepared, because it must be kept to be prepared again. */
    static final int STATEMENT_BYTES_MAX = 4_194_304;

    /** The text of a longer simple query is not looked at. */
    private static final int QUERY_BYTES_MAX = 1_048_576;

    /** The longest names that are understood. */
    private static final int NAMES_BYTES_MAX = 8_192;

    /** As long as Postgres takes. */
    private static final long MESSAGE_BYTES_MAX = 1L << 30;

    /** What is to become of the first message. */
    enum Readiness {
        INCOMPLETE,
        COMPLETE,
        /** Its length makes no sense. */
        SENSELESS,
        /** Its type is unknown or does not belong here. */
        UNKNOWN,
        TOO_LONG
    }

    private final PooledSession session;
    private final PoolMode mode;
    private final MessageBuffer received;
    private final ClientStatements statements = new ClientStatements();

    /** The rest of a message whose beginning was passed on. */
    private long passing;

    private boolean discarding;

    ClientMessages(PooledSession session, PoolMode mode, MessageBuffer received) {
        this.session = session;
        this.mode = mode;
        this.received = received;
    }

    ClientStatements statements() {
        return statements;
    }

    /** Whether the client stands between two messages, as far as they are passed on. */
    boolean atBoundary() {
        return passing == 0;
    }

    /** Whether something has arrived that is not passed on. */
    boolean areWaiting() {
        return received.readableBytes() > 0;
    }

    /** Whether enough of the first message has arrived to pass it on. */
    Readiness readiness() {
        if (!received.hasHeader()) {
            return Readiness.INCOMPLETE;
        }
        long total = received.messageBytes();
        if (total == 0 || total > MESSAGE_BYTES_MAX) {
            return Readiness.SENSELESS;
        }
        boolean rewriting = mode == PoolMode.TRANSACTION;
        return switch (received.type()) {
            case Frontend.QUERY ->
                rewriting && total <= QUERY_BYTES_MAX ? whole(total, QUERY_BYTES_MAX) : Readiness.COMPLETE;
            case Frontend.PARSE -> rewriting ? whole(total, STATEMENT_BYTES_MAX) : Readiness.COMPLETE;
            case Frontend.CLOSE, Frontend.DESCRIBE -> rewriting ? whole(total, NAMES_BYTES_MAX) : Readiness.COMPLETE;
            case Frontend.BIND -> rewriting ? bindReadiness(total) : Readiness.COMPLETE;
            case Frontend.EXECUTE, Frontend.SYNC, Frontend.TERMINATE -> whole(total, NAMES_BYTES_MAX);
            case Frontend.FLUSH, Frontend.FUNCTION_CALL, Frontend.COPY_DATA, Frontend.COPY_DONE, Frontend.COPY_FAIL ->
                Readiness.COMPLETE;
            default -> Readiness.UNKNOWN;
        };
    }

    private Readiness whole(long total, int most) {
        if (total > most) {
            return Readiness.TOO_LONG;
        }
        return received.readableBytes() >= total ? Readiness.COMPLETE : Readiness.INCOMPLETE;
    }

    private Readiness bindReadiness(long total) {
        if (namesEnd(total) > 0 || received.readableBytes() >= total) {
            return Readiness.COMPLETE;
        }
        return received.readableBytes() >= NAMES_BYTES_MAX ? Readiness.TOO_LONG : Readiness.INCOMPLETE;
    }

    /** The index behind the two names of a Bind message; 0 if it is not there. */
    private int namesEnd(long total) {
        ByteBuf bytes = received.peek();
        int from = bytes.readerIndex() + MessageBuffer.HEADER_BYTES;
        int end = bytes.readerIndex() + (int) Math.min(total, bytes.readableBytes());
        int portal = bytes.indexOf(from, end, (byte) 0);
        int statement = portal < 0 ? -1 : bytes.indexOf(portal + 1, end, (byte) 0);
        return statement < 0 ? 0 : statement + 1;
    }

    byte type() {
        return received.type();
    }

    /** Whether Postgres would ignore the first message of a client that has nothing in flight. */
    boolean isLate() {
        return switch (received.type()) {
            case Frontend.COPY_DATA, Frontend.COPY_DONE, Frontend.COPY_FAIL, Frontend.FLUSH -> true;
            default -> false;
        };
    }

    void discard() {
        passing = received.messageBytes();
        discarding = true;
    }

    /** Passes on what has come of a message that has begun; false if there is nothing. */
    boolean passRest(@Nullable ServerConnection server) {
        int part = (int) Math.min(passing, received.readableBytes());
        if (part == 0) {
            return false;
        }
        passing -= part;
        if (discarding || server == null) {
            received.skip(part);
        } else {
            server.send(received.take(part));
        }
        discarding &= passing > 0;
        return true;
    }

    /** Whether the first message cannot be rewritten before it is known which statements there are. */
    boolean mustWaitFor(Pipeline pipeline) {
        return mode == PoolMode.TRANSACTION && pipeline.isUndecided();
    }

    /** Passes the first message on, as much as has come of it. */
    void pass(ServerConnection server) {
        int total = (int) received.messageBytes();
        boolean rewriting = mode == PoolMode.TRANSACTION;
        switch (received.type()) {
            case Frontend.QUERY -> query(server, total, rewriting);
            case Frontend.PARSE -> parse(server, total, rewriting);
            case Frontend.BIND -> bind(server, total, rewriting);
            case Frontend.DESCRIBE -> describe(server, total, rewriting);
            case Frontend.CLOSE -> close(server, total, rewriting);
            case Frontend.EXECUTE -> passAs(server, Pipeline.EXECUTE, total);
            case Frontend.SYNC -> passAs(server, Pipeline.SYNC, total);
            case Frontend.FUNCTION_CALL -> passAs(server, Pipeline.FUNCTION_CALL, total);
            case Frontend.COPY_DONE, Frontend.COPY_FAIL -> passAs(server, Pipeline.COPY_END, total);
            default -> begin(server, total);
        }
        server.answerLocally();
    }

    private void passAs(ServerConnection server, Entry entry, int total) {
        server.pipeline().sent(entry);
        begin(server, total);
    }

    private void begin(ServerConnection server, int total) {
        passing = total;
        discarding = false;
        passRest(server);
    }

    private void query(ServerConnection server, int total, boolean rewriting) {
        if (rewriting) {
            boolean known = total <= QUERY_BYTES_MAX;
            session.tenancy()
                    .affects(known ? StatementEffect.of(ExtendedMessages.text(first(total))) : StatementEffect.STATE);
            statements.setUnnamed(null);
            server.statements().setUnnamed(null);
        }
        passAs(server, Pipeline.QUERY, total);
    }

    private ByteBuf first(int total) {
        ByteBuf bytes = received.peek();
        return bytes.slice(bytes.readerIndex(), Math.min(total, bytes.readableBytes()));
    }

    private void parse(ServerConnection server, int total, boolean rewriting) {
        if (!rewriting) {
            passAs(server, Pipeline.PARSE, total);
            return;
        }
        String name = ExtendedMessages.text(first(total));
        byte[] body = new byte[Math.max(0, total - MessageBuffer.HEADER_BYTES - name.length() - 1)];
        received.peek().getBytes(received.peek().readerIndex() + total - body.length, body);
        Statement statement = new Statement(body);
        session.tenancy().affects(statement.effect());
        if (name.isEmpty()) {
            statements.setUnnamed(statement);
            server.statements().setUnnamed(statement);
            passAs(server, new Entry(Kind.PARSE, Origin.CLIENT, "", statement), total);
            return;
        }
        received.skip(total);
        Statement before = statements.named(name);
        if (before != null) {
            // Postgres refuses a name that exists: it is to do so here.
            String taken = prepared(server, before);
            server.send(
                    new Entry(Kind.PARSE, Origin.CLIENT, name, null),
                    ExtendedMessages.parse(server.channel().alloc(), taken, body));
        } else if (statements.isFull()) {
            session.dismiss(PoolRefusals.tooManyStatements());
        } else {
            statements.put(name, statement);
            if (server.statements().use(statement) == null) {
                prepare(server, statement, new Entry(Kind.PARSE, Origin.CLIENT, name, statement));
            } else if (server.pipeline().mayBeInTransaction()) {
                tryOut(server, statement, name);
            } else {
                server.pipeline().sent(new Entry(Kind.PARSE, Origin.LOCAL, name, statement));
            }
        }
    }

    /** The statement is there already, but in a failed transaction Postgres refuses to prepare it, and is to do so. */
    private static void tryOut(ServerConnection server, Statement statement, String name) {
        String trial = statement.nameAtServer() + "_trial";
        server.send(
                new Entry(Kind.PARSE, Origin.TRIAL, name, statement),
                ExtendedMessages.parse(server.channel().alloc(), trial, statement.body()));
        server.send(
                new Entry(Kind.CLOSE, Origin.PROXY, trial, null),
                ExtendedMessages.closeStatement(server.channel().alloc(), trial));
    }

    /** The statement's name at the server connection, where it is prepared first if it is not. */
    private static String prepared(ServerConnection server, Statement statement) {
        String name = server.statements().use(statement);
        return name != null
                ? name
                : prepare(server, statement, new Entry(Kind.PARSE, Origin.PROXY, statement.nameAtServer(), statement));
    }

    private static String prepare(ServerConnection server, Statement statement, Entry entry) {
        server.statements()
                .makeRoom()
                .ifPresent(eldest -> server.send(
                        new Entry(Kind.CLOSE, Origin.PROXY, eldest.getValue(), eldest.getKey()),
                        ExtendedMessages.closeStatement(server.channel().alloc(), eldest.getValue())));
        String name = server.statements().add(statement);
        server.send(entry, ExtendedMessages.parse(server.channel().alloc(), name, statement.body()));
        return name;
    }

    /** Makes what is prepared without a name the client's own. */
    private void settleUnnamed(ServerConnection server) {
        Statement wanted = statements.unnamed();
        Statement there = server.statements().unnamed();
        if (Objects.equals(wanted, there)) {
            return;
        }
        server.statements().setUnnamed(wanted);
        if (wanted == null) {
            server.send(
                    new Entry(Kind.CLOSE, Origin.PROXY, "", null),
                    ExtendedMessages.closeStatement(server.channel().alloc(), ""));
        } else {
            server.send(
                    new Entry(Kind.PARSE, Origin.PROXY, "", wanted),
                    ExtendedMessages.parse(server.channel().alloc(), "", wanted.body()));
        }
    }

    private void bind(ServerConnection server, int total, boolean rewriting) {
        int end = rewriting ? namesEnd(total) : 0;
        ByteBuf bytes = received.peek();
        int from = bytes.readerIndex() + MessageBuffer.HEADER_BYTES;
        int portalEnd = end == 0 ? 0 : bytes.indexOf(from, end, (byte) 0) + 1;
        String name = end == 0 ? "" : bytes.toString(portalEnd, end - 1 - portalEnd, StandardCharsets.ISO_8859_1);
        if (rewriting && name.isEmpty()) {
            settleUnnamed(server);
        }
        Statement statement = statements.named(name);
        if (statement == null) {
            passAs(server, Pipeline.BIND, total);
            return;
        }
        String renamed = prepared(server, statement);
        int consumed = end - bytes.readerIndex();
        ByteBuf portal = bytes.slice(from, portalEnd - from);
        server.send(
                Pipeline.BIND,
                ExtendedMessages.bindHead(server.channel().alloc(), portal, renamed, (long) total - consumed));
        received.skip(consumed);
        if (total > consumed) {
            begin(server, total - consumed);
        }
    }

    private void describe(ServerConnection server, int total, boolean rewriting) {
        Statement statement = rewriting && isOfStatement(total) ? named(server, total) : null;
        if (statement == null) {
            passAs(server, Pipeline.DESCRIBE, total);
        } else {
            received.skip(total);
            String renamed = prepared(server, statement);
            server.send(
                    Pipeline.DESCRIBE,
                    ExtendedMessages.describeStatement(server.channel().alloc(), renamed));
        }
    }

    private void close(ServerConnection server, int total, boolean rewriting) {
        String name = rewriting && isOfStatement(total) ? nameOf(total) : "";
        Statement statement = statements.remove(name);
        if (statement != null || name.startsWith(Statement.PREFIX)) {
            // Other clients may use the same statement here.
            received.skip(total);
            server.pipeline().sent(new Entry(Kind.CLOSE, Origin.LOCAL, name, statement));
            return;
        }
        if (rewriting && isOfStatement(total) && name.isEmpty()) {
            statements.setUnnamed(null);
            server.statements().setUnnamed(null);
        }
        passAs(server, Pipeline.CLOSE, total);
    }

    private boolean isOfStatement(int total) {
        ByteBuf message = first(total);
        return total > MessageBuffer.HEADER_BYTES
                && message.getByte(message.readerIndex() + MessageBuffer.HEADER_BYTES) == 'S';
    }

    private String nameOf(int total) {
        return ExtendedMessages.text(first(total)).substring(1);
    }

    private @Nullable Statement named(ServerConnection server, int total) {
        String name = nameOf(total);
        if (name.isEmpty()) {
            settleUnnamed(server);
            return null;
        }
        return statements.named(name);
    }

    void release() {
        received.release();
    }
}
