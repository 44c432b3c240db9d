package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.console.Command;
import org.pgpod.wireproxy.console.ConsoleMessages;
import org.pgpod.wireproxy.console.Report;
import org.pgpod.wireproxy.lease.Census;
import org.pgpod.wireproxy.protocol.ErrorFields;
import org.pgpod.wireproxy.protocol.ExtendedMessages;
import org.pgpod.wireproxy.protocol.FatalError;
import org.pgpod.wireproxy.protocol.Frontend;
import org.pgpod.wireproxy.protocol.MessageBuffer;
import org.pgpod.wireproxy.protocol.SqlState;
import org.pgpod.wireproxy.telemetry.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user of the admin database who has proved the password: Postgres is asked whether the role may log in, then commands
 * are carried out one after the other. It is no session with Postgres, and the lease does not concern it. Confined to the
 * client's event loop.
 */
final class ConsoleSession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleSession.class);

    /** Commands are short. */
    private static final int COMMAND_BYTES_MAX = 8_192;

    /** The database to which a role is logged in to see whether it may. */
    private static final String LOGIN_DATABASE = "postgres";

    private enum State {
        ENTERING,
        READY,
        /** A command is carried out. */
        WORKING,
        OVER
    }

    private final Surroundings surroundings;
    private final Console console;
    private final Channel client;
    private final String role;
    private final ScramKeys keys;
    private final Future<?> loginTimer;
    private final MessageBuffer received;
    private final ConsoleActs acts;
    private State state = State.ENTERING;
    private boolean admin;

    /** What comes until Sync is not looked at. */
    private boolean skipping;

    ConsoleSession(
            Surroundings surroundings,
            Console console,
            Channel client,
            Asked asked,
            ByteBuf surplus,
            Future<?> loginTimer) {
        this.surroundings = surroundings;
        this.console = console;
        this.client = client;
        this.role = asked.watch().who().user();
        this.keys = asked.keys().orElseThrow();
        this.loginTimer = loginTimer;
        this.received = new MessageBuffer(client.alloc());
        this.acts = new ConsoleActs(surroundings.loops(), client.eventLoop());
        received.add(surplus);
    }

    /** Lets the user in, or refuses. */
    void begin() {
        surroundings.loops().sessionsOf(client.eventLoop()).add(this);
        Optional<Console.Right> right = console.rightOf(role);
        if (right.isEmpty()) {
            refuse(RefusalReason.AUTHENTICATION, new FatalError("28000", "not allowed", "", ""));
            return;
        }
        admin = right.get() == Console.Right.ADMIN;
        BackendLogin.begin(
                surroundings,
                client.eventLoop(),
                new TreeMap<>(Map.of("user", role, "database", LOGIN_DATABASE)),
                keys,
                surroundings.loginTimeout(),
                this::judged);
    }

    private void judged(BackendLogin.Result result) {
        if (result instanceof BackendLogin.Result.LoggedIn loggedIn) {
            Farewell.close(loggedIn.connection().channel());
        }
        if (state != State.ENTERING) {
            return;
        }
        switch (result) {
            case BackendLogin.Result.LoggedIn loggedIn -> welcome();
            case BackendLogin.Result.Refused refused -> {
                LOG.warn(
                        "admin login refused role={} sqlState={}",
                        role,
                        SqlState.text(ErrorFields.of(refused.error()).sqlState()));
                surroundings.counters().refusals(RefusalReason.AUTHENTICATION).increment();
                end();
                Farewell.close(client, refused.error().duplicate());
            }
            case BackendLogin.Result.Failed failed -> {
                LOG.warn("admin login not possible role={} reason={}", role, failed.reason());
                refuse(RefusalReason.POSTGRES_DOWN, LoginRefusals.loginFailed());
            }
        }
    }

    private void welcome() {
        loginTimer.cancel(false);
        state = State.READY;
        LOG.info("admin login role={} address={}", role, client.remoteAddress());
        // Nothing can be cancelled here: a request with this key finds nobody.
        Wire.writeAndFlush(client, ExtendedMessages.welcome(client.alloc(), ConsoleMessages.SETTINGS, Long.MIN_VALUE));
        client.config().setAutoRead(true);
        read();
    }

    private void refuse(RefusalReason reason, FatalError error) {
        surroundings.counters().refusals(reason).increment();
        end();
        Farewell.close(client, error);
    }

    private void end() {
        acts.abandon();
        state = State.OVER;
        surroundings.loops().sessionsOf(client.eventLoop()).remove(this);
        received.release();
        client.config().setAutoRead(true);
    }

    @Override
    public void fromClient(ByteBuf bytes) {
        if (state == State.OVER) {
            bytes.release();
            return;
        }
        received.add(bytes);
        if (received.readableBytes() > COMMAND_BYTES_MAX) {
            refuse(RefusalReason.MALFORMED, FatalError.protocolViolation("bad packet"));
        } else {
            read();
        }
    }

    private void read() {
        while (state == State.READY && received.hasHeader()) {
            long total = received.messageBytes();
            if (total == 0 || total > COMMAND_BYTES_MAX) {
                refuse(RefusalReason.MALFORMED, FatalError.protocolViolation("bad packet"));
            } else if (received.readableBytes() < total) {
                return;
            } else {
                byte type = received.type();
                ByteBuf message = received.take((int) total);
                try {
                    take(type, message);
                } finally {
                    message.release();
                }
            }
        }
    }

    private void take(byte type, ByteBuf message) {
        switch (type) {
            case Frontend.TERMINATE -> {
                end();
                Farewell.close(client);
            }
            case Frontend.SYNC -> {
                skipping = false;
                ready();
            }
            case Frontend.QUERY -> {
                if (!skipping) {
                    carryOut(ExtendedMessages.utf8(message));
                }
            }
            default -> {
                if (!skipping) {
                    skipping = true;
                    Wire.write(
                            client,
                            ConsoleMessages.error(
                                    client.alloc(), "extended query protocol not supported by admin console"));
                }
            }
        }
    }

    private void carryOut(String text) {
        Command command = Command.parse(text);
        if (command.needsAdmin() && !admin) {
            fail("admin access needed");
            return;
        }
        if (command.needsAdmin()) {
            LOG.info("admin command role={} command={}", role, command);
        }
        switch (command) {
            case Command.Help help -> done(ConsoleMessages.usage(client.alloc()));
            case Command.Show(Command.Subject subject) -> {
                state = State.WORKING;
                surroundings.loops().gather(client.eventLoop(), LoopPools::report, parts -> shown(subject, parts));
            }
            case Command.Act act -> act(act);
            case Command.Assign(boolean accepted) -> {
                if (accepted) {
                    done(ConsoleMessages.complete(client.alloc(), "SET"));
                } else {
                    fail("SET failed");
                }
            }
            case Command.Reload reload -> {
                state = State.WORKING;
                Thread.ofVirtual().name("admin-reload").start(() -> {
                    console.reload().run();
                    client.eventLoop().execute(() -> completed("RELOAD"));
                });
            }
            case Command.Unknown unknown -> fail("invalid command '" + text + "', use SHOW HELP;");
        }
    }

    private void shown(Command.Subject subject, List<Report> parts) {
        if (state == State.WORKING) {
            done(ConsoleMessages.table(
                    client.alloc(), console.tables().show(subject, Report.of(parts), Instant.now())));
        }
    }

    private void act(Command.Act act) {
        String verb = act.verb().name();
        if (act.verb().needsDatabase() && act.database().isEmpty()) {
            fail("a database is required");
        } else if (act.database().filter(console.database()::equals).isPresent()) {
            fail("cannot " + verb.toLowerCase(java.util.Locale.ROOT) + " admin db: " + console.database());
        } else {
            state = State.WORKING;
            acts.carryOut(act, problem -> {
                if (state == State.WORKING) {
                    problem.ifPresentOrElse(this::fail, () -> completed(verb));
                }
            });
        }
    }

    private void completed(String tag) {
        if (state == State.WORKING) {
            done(ConsoleMessages.complete(client.alloc(), tag));
        }
    }

    private void fail(String message) {
        done(ConsoleMessages.error(client.alloc(), message));
    }

    private void done(ByteBuf answer) {
        Wire.write(client, answer);
        state = State.READY;
        ready();
        read();
    }

    private void ready() {
        Wire.writeAndFlush(client, ConsoleMessages.ready(client.alloc()));
    }

    @Override
    public void clientReadComplete() {
        client.flush();
    }

    @Override
    public void clientWritabilityChanged() {}

    @Override
    public void clientGone() {
        if (state != State.OVER) {
            end();
        }
    }

    @Override
    public void review() {}

    @Override
    public void stop() {
        if (state != State.OVER) {
            refuse(RefusalReason.STOPPING, Refusals.stopping());
        }
    }

    @Override
    public Census census() {
        return Census.EMPTY;
    }
}
