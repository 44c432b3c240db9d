package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgpod.wireproxy.auth.LoginSecret;
import org.pgpod.wireproxy.protocol.LoginFrames;
import org.pgpod.wireproxy.protocol.LoginFrames.Frame;
import org.pgpod.wireproxy.protocol.StartupPacket;

/**
 * Opens a connection to Postgres and logs in, up to the first ReadyForQuery. Confined to the event loop it is given; the
 * result comes exactly once, on that loop, within the limit.
 */
final class BackendLogin {
    /** How a login ended. */
    sealed interface Result {
        /** The connection belongs to whoever hears this, who adds its handlers before returning. */
        record LoggedIn(BackendConnection connection) implements Result {}

        /** Postgres refused; the whole ErrorResponse, which need not be released. */
        record Refused(ByteBuf error) implements Result {}

        /** Postgres could not be reached, or made no sense, or took too long; the reason is for the log. */
        record Failed(String reason) implements Result {}
    }

    private static final String READER = "login";

    private final Consumer<Result> listener;
    private final EventLoop loop;
    private final Optional<String> leader;
    private Optional<Channel> postgres = Optional.empty();
    private Future<?> timer = CompletableFuture.completedFuture(null);
    private boolean over;

    private BackendLogin(EventLoop loop, Optional<String> leader, Consumer<Result> listener) {
        this.loop = loop;
        this.leader = leader;
        this.listener = listener;
    }

    /** Begins at the Postgres of this pod; {@code startup} has at least {@code user} and {@code database}. */
    static void begin(
            Surroundings surroundings,
            EventLoop loop,
            Map<String, String> startup,
            LoginSecret secret,
            Duration limit,
            Consumer<Result> listener) {
        begin(surroundings, loop, Optional.empty(), startup, secret, limit, listener);
    }

    /** Begins at the primary of another pod, if a leader is given. */
    static void begin(
            Surroundings surroundings,
            EventLoop loop,
            Optional<String> leader,
            Map<String, String> startup,
            LoginSecret secret,
            Duration limit,
            Consumer<Result> listener) {
        new BackendLogin(loop, leader, listener).connect(surroundings, startup, secret, limit);
    }

    private void connect(Surroundings surroundings, Map<String, String> startup, LoginSecret secret, Duration limit) {
        timer = loop.schedule(
                () -> end(new Result.Failed("the login took longer than " + limit.toMillis() + " ms")),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
        if (leader.isEmpty()) {
            new PostgresSocket(
                            surroundings,
                            loop,
                            () -> !over,
                            () -> handlers(surroundings, startup, secret),
                            this::connected,
                            this::unreachable)
                    .connect();
        } else if (surroundings.forwarding().isPresent()) {
            new LeaderSocket(surroundings, surroundings.forwarding().get(), loop)
                    .connect(
                            leader.get(),
                            () -> handlers(surroundings, startup, secret),
                            this::connected,
                            this::unreachable);
        } else {
            end(new Result.Failed("there is no port for peers, so that no other pod can be reached"));
        }
    }

    private void connected(Channel channel) {
        postgres = Optional.of(channel);
        if (over) {
            Wire.close(channel);
        }
    }

    private void unreachable(Throwable cause) {
        end(new Result.Failed("Postgres cannot be reached: " + cause.getMessage()));
    }

    private ChannelInitializer<Channel> handlers(
            Surroundings surroundings, Map<String, String> startup, LoginSecret secret) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                ByteBuf packet = StartupPacket.encode(surroundings.loops().allocator(), startup);
                channel.pipeline().addLast(new BackendAuthentication(packet, secret, new Decided()));
                channel.pipeline().addLast(READER, new Reader());
            }
        };
    }

    private void end(Result result) {
        if (over) {
            return;
        }
        over = true;
        timer.cancel(false);
        if (!(result instanceof Result.LoggedIn)) {
            postgres.ifPresent(Wire::close);
        }
        listener.accept(result);
    }

    /** What Postgres has decided is read by {@link Reader}. */
    private final class Decided implements BackendAuthentication.Listener {
        @Override
        public void decided(Channel channel) {}

        @Override
        public void failed(String reason) {
            end(new Result.Failed(reason));
        }
    }

    /** Reads from AuthenticationOk to ReadyForQuery. */
    private final class Reader extends ChannelInboundHandlerAdapter {
        private final LoginFrames frames = new LoginFrames(BackendAuthentication.BODY_BYTES_MAX);
        private final Map<String, String> parameters = new LinkedHashMap<>();
        private Optional<BackendKey> key = Optional.empty();

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            frames.add((ByteBuf) bytes);
            while (!over) {
                switch (frames.next()) {
                    case Frame.Incomplete incomplete -> {
                        return;
                    }
                    case Frame.Senseless senseless ->
                        end(new Result.Failed("Postgres sent a message of senseless length"));
                    case Frame.Message message -> take(context, message);
                }
            }
        }

        private void take(ChannelHandlerContext context, Frame.Message message) {
            switch (message.type()) {
                case 'R', 'N', 'v' -> {}
                case 'S' -> parameter(message.body());
                case 'K' -> key = Optional.of(new BackendKey(message.body()));
                case 'E' -> end(new Result.Refused(copy(message)));
                case 'Z' -> finish(context);
                default -> end(new Result.Failed("Postgres sent message " + message.type() + " during the login"));
            }
        }

        private void parameter(ByteBuf body) {
            String[] texts = body.toString(StandardCharsets.ISO_8859_1).split("\0", -1);
            if (texts.length == 3 && texts[2].isEmpty()) {
                parameters.put(texts[0], texts[1]);
            } else {
                end(new Result.Failed("Postgres sent a malformed ParameterStatus"));
            }
        }

        private void finish(ChannelHandlerContext context) {
            end(new Result.LoggedIn(new BackendConnection(context.channel(), parameters, key, leader)));
            // Behind it stand the handlers of the new owner.
            ByteBuf more = frames.remainder();
            if (more.isReadable()) {
                context.fireChannelRead(more);
            } else {
                more.release();
            }
            context.pipeline().remove(this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end(new Result.Failed("Postgres closed the connection during the login"));
            context.fireChannelInactive();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            frames.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ConnectionErrors.log("postgres", cause);
            Wire.close(context.channel());
        }
    }

    private static ByteBuf copy(Frame.Message message) {
        ByteBuf body = message.body();
        return Unpooled.unreleasableBuffer(Unpooled.buffer(1 + Integer.BYTES + body.readableBytes())
                .writeByte(message.type())
                .writeInt(Integer.BYTES + body.readableBytes())
                .writeBytes(body));
    }
}
