package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.pool.ServerId;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.ErrorFields;
import org.pgpod.wireproxy.protocol.ExtendedMessages;
import org.pgpod.wireproxy.protocol.MessageBuffer;
import org.pgpod.wireproxy.protocol.UnresolvedCommit;
import org.pgpod.wireproxy.session.Pipeline;
import org.pgpod.wireproxy.session.ServerStatements;

/**
 * One connection of a pool to Postgres: takes what one client at a time, or nobody, sends over it, and hands the answers
 * to that client's session, without those that the proxy asked for itself. Confined to its event loop.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter {
    /** The longest message that is kept until it is complete: errors and notices, whose text a client may choose. */
    private static final int WHOLE_BYTES_MAX = 4_194_304;

    private static final int ROW_DESCRIPTION_WHOLE_BYTES_MAX = 8_192;

    private final ServerId id;
    private final LoopPools pools;
    private final Channel channel;
    private final Standing standing;
    private final ServerCancels cancels;
    private final Map<String, String> settings;
    private final Pipeline pipeline = new Pipeline(this::dropped);
    private final ServerStatements statements;
    private final MessageBuffer received;

    private @Nullable PooledSession owner;

    /** The rest of a message that passes without being looked at. */
    private long passing;

    private boolean retired;
    private boolean errandFailed;
    private Consumer<Boolean> errandDone = done -> {};

    ServerConnection(ServerId id, LoopPools pools, BackendConnection connection, Standing standing, int statementsMax) {
        this.id = id;
        this.pools = pools;
        this.channel = connection.channel();
        this.standing = standing;
        this.cancels = new ServerCancels(pools, connection);
        this.settings = new HashMap<>(connection.parameters());
        this.statements = new ServerStatements(statementsMax);
        this.received = new MessageBuffer(channel.alloc());
    }

    ServerId id() {
        return id;
    }

    /** How what comes over it stands towards the lease: fixed by the term in which it was opened. */
    Standing standing() {
        return standing;
    }

    /** What Postgres has reported of its settings. */
    Map<String, String> settings() {
        return settings;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    ServerStatements statements() {
        return statements;
    }

    Channel channel() {
        return channel;
    }

    ServerCancels cancels() {
        return cancels;
    }

    /** Whom it serves now; null if nobody. */
    @Nullable
    PooledSession owner() {
        return owner;
    }

    void serve(PooledSession session) {
        owner = session;
        channel.config().setAutoRead(true);
    }

    /** Nothing more reaches the session. */
    void leave() {
        owner = null;
        channel.config().setAutoRead(true);
    }

    /** It must not serve another client. */
    void retire() {
        retired = true;
    }

    /** Whether it can be given to another client as it is. */
    boolean isClean() {
        return !isRetired() && atRest();
    }

    /** Whether it serves nobody after its client. */
    boolean isRetired() {
        return retired || cancels.wereLate();
    }

    /** Whether all is answered, no transaction is open and no cancel request may still arrive. */
    boolean atRest() {
        return pipeline.atRest() && cancels.underway() == 0 && betweenMessages();
    }

    /** Whether a message of Postgres is incomplete. */
    boolean betweenMessages() {
        return passing == 0 && received.readableBytes() == 0;
    }

    void send(ByteBuf bytes) {
        Wire.write(channel, bytes);
    }

    void send(Pipeline.Entry entry, ByteBuf message) {
        pipeline.sent(entry);
        Wire.write(channel, message);
    }

    /** Runs a statement of the proxy at rest; nobody sees its answer, and {@code done} hears whether it went well. */
    void run(String sql, Consumer<Boolean> done) {
        errandFailed = false;
        errandDone = done;
        statements.setUnnamed(null);
        send(
                new Pipeline.Entry(Pipeline.Kind.QUERY, Pipeline.Origin.PROXY, "", null),
                ExtendedMessages.query(channel.alloc(), sql));
        channel.flush();
    }

    /** Asks Postgres to cancel what this connection works on. It serves no other client until the request is over. */
    void cancel(Runnable done) {
        if (!cancels.arePossible() || !pipeline.isBusy()) {
            done.run();
            return;
        }
        cancels.begin(() -> {
            done.run();
            if (owner != null) {
                owner.goOn();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        received.add((ByteBuf) bytes);
        read();
    }

    private void read() {
        int ready = 0;
        while (channel.isActive()) {
            int available = received.readableBytes() - ready;
            ByteBuf bytes = received.peek();
            int index = bytes.readerIndex() + ready;
            if (passing > 0 && available > 0) {
                int part = (int) Math.min(passing, available);
                passing -= part;
                ready += part;
                continue;
            }
            if (available < MessageBuffer.HEADER_BYTES) {
                break;
            }
            byte type = bytes.getByte(index);
            long total = bytes.getInt(index + 1) + 1L;
            if (total < MessageBuffer.HEADER_BYTES) {
                Farewell.drop(channel);
                return;
            }
            if (passes(type, total)) {
                passing = total;
            } else if (total > WHOLE_BYTES_MAX) {
                Farewell.drop(channel);
                return;
            } else if (available < total) {
                break;
            } else {
                ready = take(type, (int) total, ready);
                if (ready < 0) {
                    return;
                }
            }
        }
        forward(ready);
    }

    private boolean isOurs() {
        Pipeline.Entry head = pipeline.head();
        return head != null && head.origin() == Pipeline.Origin.PROXY;
    }

    private boolean passes(byte type, long total) {
        if (type == 'D' || type == 'd' || type == 'V' || type == 't') {
            return owner != null && !isOurs();
        }
        if (type == 'T' && total > ROW_DESCRIPTION_WHOLE_BYTES_MAX && owner != null && !isOurs()) {
            pipeline.described();
            return true;
        }
        return false;
    }

    /** Takes a whole message behind {@code ready} bytes that may pass; returns how many may pass now, or -1 at the end. */
    private int take(byte type, int total, int ready) {
        ByteBuf bytes = received.peek();
        ByteBuf message = bytes.slice(bytes.readerIndex() + ready, total);
        boolean visible = judge(type, message);
        if (type == 'N' && owner != null && UnresolvedCommit.isToldBy(message)) {
            forward(ready);
            if (owner != null) {
                owner.commitUnresolved(message);
            }
            return -1;
        }
        int passed = ready;
        if (visible) {
            passed += total;
        } else {
            forward(ready);
            received.skip(total);
            passed = 0;
        }
        Pipeline.Entry head = pipeline.head();
        if (head != null && head.origin() == Pipeline.Origin.LOCAL) {
            forward(passed);
            passed = 0;
            answerLocally();
        }
        return passed;
    }

    /** Answers what is the proxy's turn to answer. */
    void answerLocally() {
        Pipeline.Entry local = pipeline.takeLocal();
        while (local != null) {
            if (owner != null) {
                boolean parsed = local.kind() == Pipeline.Kind.PARSE;
                owner.toClient(
                        parsed
                                ? ExtendedMessages.parseComplete(channel.alloc())
                                : ExtendedMessages.closeComplete(channel.alloc()));
            }
            local = pipeline.takeLocal();
        }
    }

    /** Notes what the message means; true when the client is to see it. */
    private boolean judge(byte type, ByteBuf message) {
        boolean ours = isOurs();
        PooledSession session = owner;
        switch (type) {
            case '1' -> ours = isProxys(pipeline.answered(Pipeline.Kind.PARSE));
            case '2' -> pipeline.answered(Pipeline.Kind.BIND);
            case '3' -> ours = isProxys(pipeline.answered(Pipeline.Kind.CLOSE));
            case 'T', 'n' -> pipeline.described();
            case 'I', 's' -> pipeline.executed();
            case 'G' -> pipeline.copyInStarted();
            case 'W' -> retire();
            case 'C' -> {
                pipeline.executed();
                if (session != null && !ours) {
                    String tag = ExtendedMessages.text(message);
                    session.observers().commandComplete(CommandTag.of(tag));
                    session.tenancy().completed(tag);
                }
            }
            case 'S' -> {
                setting(message);
                ours = ours && session != null && session.tenancy().isSettling();
            }
            case 'E' -> {
                errandFailed = true;
                Pipeline.Entry head = pipeline.head();
                boolean errand = head != null && ours && head.kind() == Pipeline.Kind.QUERY;
                pipeline.error();
                if (session != null && !errand) {
                    ErrorFields fields = ErrorFields.of(message);
                    session.observers().error(fields.sqlState(), fields.severity());
                    ours = false;
                }
            }
            case 'N' -> {
                if (session != null) {
                    session.observers().notice(ErrorFields.of(message).severity());
                }
            }
            case 'Z' -> ready(message);
            default -> {}
        }
        return session != null && !ours;
    }

    private static boolean isProxys(Pipeline.@Nullable Entry entry) {
        return entry != null && entry.origin() == Pipeline.Origin.PROXY;
    }

    private void ready(ByteBuf message) {
        byte status = message.getByte(message.readerIndex() + MessageBuffer.HEADER_BYTES);
        Pipeline.Entry done = pipeline.ready(status);
        if (isProxys(done)) {
            Consumer<Boolean> listener = errandDone;
            boolean well = !errandFailed && pipeline.atRest();
            channel.eventLoop().execute(() -> listener.accept(well));
        } else if (owner != null) {
            owner.observers().readyForQuery(status);
            owner.tenancy().traffic().answered(status, pipeline.size() == 0);
        }
    }

    private void setting(ByteBuf message) {
        String[] texts = message.toString(
                        message.readerIndex() + MessageBuffer.HEADER_BYTES,
                        message.readableBytes() - MessageBuffer.HEADER_BYTES,
                        StandardCharsets.ISO_8859_1)
                .split("\0", -1);
        if (texts.length == 3) {
            settings.put(texts[0], texts[1]);
            if (owner != null && !isOurs()) {
                owner.tenancy().settings().put(texts[0], texts[1]);
            }
        }
    }

    private void forward(int ready) {
        if (ready > 0) {
            ByteBuf bytes = received.take(ready);
            if (owner == null) {
                bytes.release();
            } else {
                owner.toClient(bytes);
            }
        }
    }

    /** Postgres does not carry this out, because of an error before it. */
    private void dropped(Pipeline.Entry entry) {
        statements.dropped(entry);
        if (owner != null) {
            owner.statements().dropped(entry);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (owner != null) {
            owner.serverReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (owner != null) {
            owner.adjustReading();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        received.release();
        pools.serverGone(this);
        if (owner != null) {
            PooledSession session = owner;
            owner = null;
            session.serverGone(!pipeline.atRest());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ConnectionErrors.log("postgres", cause);
        Wire.close(context.channel());
    }
}
