package org.pgpod.wireproxy.channel;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.pgpod.wireproxy.console.Command;

/**
 * Carries out what a user of the admin database wants done, on every event loop. PAUSE is done when the last server
 * connection is released; one that is abandoned before is taken back. Confined to the user's event loop.
 */
final class ConsoleActs {
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final EventLoops loops;
    private final EventLoop loop;

    /** A pause that is not complete. */
    private Optional<Command.Act> pausing = Optional.empty();

    ConsoleActs(EventLoops loops, EventLoop loop) {
        this.loops = loops;
        this.loop = loop;
    }

    /** How far a pause has come on one event loop. */
    private record Progress(boolean pauses, int busy) {}

    /** {@code done} hears why not, or nothing, and that only if this is not abandoned. */
    void carryOut(Command.Act act, Consumer<Optional<String>> done) {
        loops.gather(loop, pools -> pools.pauses(act.database()), paused -> {
            boolean already = paused.contains(true);
            if (act.verb() == Command.Verb.RESUME && !already) {
                done.accept(Optional.of(act.database()
                        .map(name -> "database " + name + " is not paused")
                        .orElse("pooler is not paused/suspended")));
            } else if (act.verb() == Command.Verb.PAUSE
                    && already
                    && act.database().isEmpty()) {
                done.accept(Optional.of("already suspended/paused"));
            } else {
                begin(act, done);
            }
        });
    }

    private void begin(Command.Act act, Consumer<Optional<String>> done) {
        if (act.verb() == Command.Verb.PAUSE) {
            pausing = Optional.of(act);
        }
        loops.gather(loop, pools -> apply(pools, act), applied -> {
            if (act.verb() == Command.Verb.PAUSE) {
                awaitPause(act, done);
            } else {
                done.accept(Optional.empty());
            }
        });
    }

    private static boolean apply(LoopPools pools, Command.Act act) {
        Optional<String> database = act.database();
        switch (act.verb()) {
            case PAUSE -> pools.pause(database);
            case RESUME -> pools.resume(database);
            case RECONNECT -> pools.reconnect(database);
            case KILL -> pools.kill(database.orElseThrow());
            case DISABLE -> pools.admission().disable(database.orElseThrow());
            case ENABLE -> pools.admission().enable(database.orElseThrow());
        }
        return true;
    }

    private void awaitPause(Command.Act act, Consumer<Optional<String>> done) {
        if (pausing.isEmpty()) {
            return;
        }
        loops.gather(
                loop,
                pools -> new Progress(pools.pauses(act.database()), pools.busy(act.database())),
                progress -> judge(act, progress, done));
    }

    private void judge(Command.Act act, List<Progress> progress, Consumer<Optional<String>> done) {
        if (pausing.isEmpty()) {
            return;
        }
        if (!progress.stream().allMatch(Progress::pauses)) {
            pausing = Optional.empty();
            done.accept(Optional.of("the pause was taken back by RESUME"));
        } else if (progress.stream().allMatch(one -> one.busy() == 0)) {
            pausing = Optional.empty();
            done.accept(Optional.empty());
        } else {
            Wire.later(loop, () -> awaitPause(act, done), LOOK_AGAIN_MILLIS);
        }
    }

    /** The user has gone. */
    void abandon() {
        pausing.ifPresent(act -> {
            pausing = Optional.empty();
            loops.gather(
                    loop,
                    pools -> {
                        pools.resume(act.database());
                        return true;
                    },
                    resumed -> {});
        });
    }
}
