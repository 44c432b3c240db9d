package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgpod.core.pod.Credential;
import org.pgpod.wireproxy.auth.LoginSecret;
import org.pgpod.wireproxy.auth.StoredPassword;
import org.pgpod.wireproxy.auth.VerifierQuery;
import org.pgpod.wireproxy.protocol.ErrorText;
import org.pgpod.wireproxy.protocol.LoginFrames;
import org.pgpod.wireproxy.protocol.LoginFrames.Frame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Postgres for what it knows of a role's password, over one kept connection of a role of its own, whose settings no
 * client can touch. Nothing is cached: a password that was changed, and a role that was dropped, count at once. Each answer
 * comes within {@link #ANSWER_LIMIT}. Its state is confined to one event loop; {@link #find} may be called on any.
 */
final class VerifierLookup {
    private static final Logger LOG = LoggerFactory.getLogger(VerifierLookup.class);

    /** Until the answer, waiting for the connection included. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    /** Questions without an answer at any time; further ones are not asked. */
    static final int QUESTIONS_MAX = 2_000;

    /** A verifier has about 130 bytes. */
    private static final int ANSWER_BYTES_MAX = 30_000;

    private static final Map<String, String> STARTUP = new TreeMap<>(Map.of(
            "user", ScramLogins.ROLE,
            "database", "postgres",
            "application_name", "wire-proxy",
            "client_encoding", "UTF8",
            "search_path", "pg_catalog",
            "default_transaction_read_only", "on",
            "statement_timeout", Long.toString(ANSWER_LIMIT.toMillis())));

    private final Surroundings surroundings;
    private final Credential credential;
    private final EventLoop loop;

    /** Asked and not answered, in the order in which Postgres answers. */
    private final ArrayDeque<Question> questions = new ArrayDeque<>();

    private Optional<Channel> connection = Optional.empty();
    private boolean connecting;
    private String lastFailure = "";

    VerifierLookup(Surroundings surroundings, Credential credential) {
        this.surroundings = surroundings;
        this.credential = credential;
        this.loop = surroundings.loops().group().next();
    }

    private static final class Question {
        private final String role;
        private final EventLoop answerOn;
        private final Consumer<StoredPassword> listener;
        private Future<?> limit = CompletableFuture.completedFuture(null);

        Question(String role, EventLoop answerOn, Consumer<StoredPassword> listener) {
            this.role = role;
            this.answerOn = answerOn;
            this.listener = listener;
        }

        void answer(StoredPassword password) {
            limit.cancel(false);
            answerOn.execute(() -> listener.accept(password));
        }
    }

    /** The answer comes exactly once, on the given loop. */
    void find(String role, EventLoop answerOn, Consumer<StoredPassword> answer) {
        loop.execute(() -> ask(new Question(role, answerOn, answer)));
    }

    private void ask(Question question) {
        if (questions.size() >= QUESTIONS_MAX) {
            question.answer(new StoredPassword.Unknown("too many look-ups wait for Postgres"));
            return;
        }
        questions.add(question);
        question.limit =
                loop.schedule(() -> fail("Postgres does not answer"), ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        if (connection.isPresent()) {
            send(connection.get(), question);
        } else if (!connecting) {
            connect();
        }
    }

    private void connect() {
        connecting = true;
        try {
            LoginSecret secret = new LoginSecret.Password(credential.read());
            BackendLogin.begin(surroundings, loop, STARTUP, secret, ANSWER_LIMIT, this::connected);
        } catch (IOException noCredential) {
            connecting = false;
            fail(String.valueOf(noCredential.getMessage()));
        }
    }

    private void connected(BackendLogin.Result result) {
        connecting = false;
        switch (result) {
            case BackendLogin.Result.LoggedIn(BackendConnection opened) -> {
                connection = Optional.of(opened.channel());
                opened.channel().pipeline().addLast(new Answers());
                Wire.write(
                        opened.channel(), VerifierQuery.parse(opened.channel().alloc()));
                questions.forEach(question -> send(opened.channel(), question));
            }
            case BackendLogin.Result.Refused(ByteBuf error) -> fail("Postgres refused: " + ErrorText.ofMessage(error));
            case BackendLogin.Result.Failed(String reason) -> fail(reason);
        }
    }

    private static void send(Channel channel, Question question) {
        Wire.writeAndFlush(channel, VerifierQuery.ask(channel.alloc(), question.role));
    }

    /** Nobody who waits gets an answer any more; the next question opens a new connection. */
    private void fail(String reason) {
        if (!reason.equals(lastFailure)) {
            LOG.error("passwords cannot be looked up role={} reason={}", ScramLogins.ROLE, reason);
            lastFailure = reason;
        }
        connection.ifPresent(Wire::close);
        connection = Optional.empty();
        while (!questions.isEmpty()) {
            questions.remove().answer(new StoredPassword.Unknown(reason));
        }
    }

    private void answered(Channel from, StoredPassword password) {
        if (connection.filter(from::equals).isPresent() && !questions.isEmpty()) {
            lastFailure = "";
            questions.remove().answer(password);
        }
    }

    private void failed(Channel from, String reason) {
        if (connection.filter(from::equals).isPresent()) {
            fail(reason);
        }
    }

    /** Reads what Postgres answers; after anything unexpected the connection is closed. */
    private final class Answers extends ChannelInboundHandlerAdapter {
        private final LoginFrames frames = new LoginFrames(ANSWER_BYTES_MAX);
        private StoredPassword row = new StoredPassword.None();

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            frames.add((ByteBuf) bytes);
            while (context.channel().isOpen()) {
                switch (frames.next()) {
                    case Frame.Incomplete incomplete -> {
                        return;
                    }
                    case Frame.Senseless senseless -> failed(context.channel(), "an answer has a senseless length");
                    case Frame.Message message -> take(context.channel(), message);
                }
            }
        }

        private void take(Channel channel, Frame.Message message) {
            switch (message.type()) {
                case 'D' -> row = VerifierQuery.row(message.body());
                case 'Z' -> {
                    answered(channel, row);
                    row = new StoredPassword.None();
                }
                case 'E' -> failed(channel, "Postgres reports: " + ErrorText.ofBody(message.body()));
                default -> {}
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            failed(context.channel(), "Postgres closed the connection");
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            frames.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ConnectionErrors.log("look-up", cause);
            Wire.close(context.channel());
        }
    }
}
