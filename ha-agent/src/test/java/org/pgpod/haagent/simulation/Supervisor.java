package org.pgpod.haagent.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.SupervisorAnswer;

/** The supervisor of one container, as docs/reference/supervisor.md describes it; what jobs do is in {@link Jobs}. */
final class Supervisor {
    private static final long POLL_MILLIS = 100;
    private static final long HEARTBEAT_MILLIS = 1_000;
    private static final long KILL_AFTER_MILLIS = 500;

    /** A request for a stop that is to be answered. */
    private record PendingStop(VirtualTime.Reply<SupervisorAnswer> reply, long deadlineMillis) {}

    /** The one operation under way. */
    private record Job(String name, VirtualTime.Reply<SupervisorAnswer> reply, Life life) {}

    final Pod pod;
    final Life life;
    private final String instance;
    private final Jobs jobs;
    boolean locked;

    Optional<Server> server = Optional.empty();
    SupervisorState.Postgres pg = SupervisorState.Postgres.DOWN;
    SupervisorState.Mode mode = SupervisorState.Mode.NONE;

    /** Backends that outlive their postmaster until they are found and killed. */
    boolean orphans;

    private Signal signal = Signal.NONE;
    private long goneMillis;
    private long readyMillis;
    private long fenceMillis;
    private long pid;
    private boolean handingOver;
    private Optional<Job> job = Optional.empty();
    private final List<PendingStop> stops = new ArrayList<>();
    private Optional<SupervisorState> report = Optional.empty();

    Supervisor(Pod pod, String instance) {
        this.pod = pod;
        this.instance = instance;
        this.life = new Life(pod.node);
        this.jobs = new Jobs(this);
        pod.cluster.time.every(pod.node.lasting(POLL_MILLIS), life, this::turn);
    }

    private long now() {
        return pod.node.nowMillis();
    }

    private void turn() {
        lock();
        watchPostgres();
        enforceToken();
        watchStops();
        report();
    }

    private void lock() {
        if (locked) {
            return;
        }
        boolean free = pod.volume
                .locker
                .filter(other -> other != this && other.stillThere())
                .isEmpty();
        if (free || pod.cluster.mutant.has(Mutant.Habit.NO_VOLUME_LOCK)) {
            pod.volume.locker.filter(other -> other != this).ifPresent(Supervisor::killLeftovers);
            pod.volume.locker = Optional.of(this);
            locked = true;
            jobs.settle();
        }
    }

    /** Whether it, or what it started, still uses the volume. */
    private boolean stillThere() {
        return life.isAlive() && pod.isOn();
    }

    private void killLeftovers() {
        orphans = false;
        server = Optional.empty();
    }

    private void watchPostgres() {
        if (pg == SupervisorState.Postgres.STARTING && now() >= readyMillis && server.isPresent()) {
            pg = SupervisorState.Postgres.UP;
            server.get().accepting = true;
            server.get().sending = true;
        }
        if (goneMillis == Long.MAX_VALUE && !pod.ignores(signal)) {
            goneMillis = now();
        }
        if (pg == SupervisorState.Postgres.STOPPING && server.isPresent() && now() >= goneMillis) {
            end();
        }
        if (server.isEmpty() && pg != SupervisorState.Postgres.DOWN) {
            orphans = orphans && pod.cluster.mutant.has(Mutant.Habit.KILLS_ONLY_THE_POSTMASTER);
            pg = SupervisorState.Postgres.DOWN;
            mode = SupervisorState.Mode.NONE;
            fenceMillis = 0;
            signal = Signal.NONE;
        }
        if (mode == SupervisorState.Mode.STANDBY
                && server.filter(Server::writable).isPresent()) {
            // Promoted by another hand than ours: from now on only a token lets it live.
            mode = SupervisorState.Mode.PRIMARY;
        }
    }

    private void end() {
        Server ending = server.orElseThrow();
        if (signal == Signal.INT) {
            boolean primary = ending.writable();
            ending.shutDown();
            if (primary) {
                pod.cluster.watch.wrote(pod, ending);
                pod.cluster.network.flush(ending);
            }
        } else {
            ending.crash(pod.cluster.chance);
        }
        server = Optional.empty();
        pod.cluster.story.tell(pod.title(), () -> "Postgres is down after " + signal + ", " + ending.data.state);
    }

    /** The postmaster died, by whatever hand; its backends may go on for a moment. */
    void postmasterDied() {
        if (pod.cluster.mutant.has(Mutant.Habit.RESTARTS_AFTER_CRASH)) {
            server.ifPresent(restarted -> restarted.commits.opened());
            return;
        }
        server.ifPresent(dead -> {
            dead.crash(pod.cluster.chance);
            dead.accepting = false;
            dead.sending = false;
            orphans = dead.writable();
            server = Optional.empty();
            pg = SupervisorState.Postgres.STOPPING;
        });
    }

    // ---- the token (R4, R8)

    Optional<LeaseToken> token() {
        return pod.run.token.filter(pod::believes);
    }

    private String boot() {
        return pod.node.bootId();
    }

    boolean mayWrite(Epoch epoch) {
        return pod.cluster.mutant.has(Mutant.Habit.STARTS_WITHOUT_TOKEN)
                || token().filter(held -> held.epoch().equals(epoch))
                        .filter(held -> now() < held.stopMillis() && now() < held.killMillis())
                        .isPresent();
    }

    private void enforceToken() {
        boolean subject = mode == SupervisorState.Mode.PRIMARY && pg != SupervisorState.Postgres.DOWN;
        if (!subject || pod.cluster.mutant.has(Mutant.Habit.STARTS_WITHOUT_TOKEN)) {
            return;
        }
        Optional<LeaseToken> token = token();
        if (token.isEmpty()) {
            fence(now() + KILL_AFTER_MILLIS);
        } else if (now() >= token.get().stopMillis() || now() >= token.get().killMillis()) {
            fence(token.get().killMillis());
        } else if (fenceMillis != 0) {
            fence(fenceMillis);
        }
    }

    private void fence(long killMillis) {
        boolean gentle = pod.cluster.mutant.has(Mutant.Habit.STOPS_FAST_IN_FENCE);
        if (fenceMillis == 0) {
            fenceMillis = killMillis;
            cancelJob();
            pod.cluster.story.tell(pod.title(), () -> "the supervisor fences");
            stopPostgres(gentle ? Signal.INT : Signal.QUIT);
        }
        fenceMillis = Math.min(fenceMillis, killMillis);
        if (now() >= fenceMillis && !gentle) {
            stopPostgres(Signal.KILL);
        }
    }

    // ---- stops

    void stopPostgres(Signal next) {
        if (pg == SupervisorState.Postgres.DOWN || next.compareTo(signal) <= 0) {
            return;
        }
        pg = SupervisorState.Postgres.STOPPING;
        signal = next;
        server.ifPresent(stopping -> {
            stopping.accepting = false;
            stopping.sending = stopping.sending && next == Signal.INT;
        });
        goneMillis = pod.ignores(next) ? Long.MAX_VALUE : now() + jobs.lasts(next);
    }

    private void watchStops() {
        stops.removeIf(stop -> {
            if (pg == SupervisorState.Postgres.DOWN && job.isEmpty()) {
                report();
                stop.reply().give(new SupervisorAnswer.Answered(0, ""));
                return true;
            }
            if (stop.deadlineMillis() != 0 && now() >= stop.deadlineMillis()) {
                stop.reply().give(new SupervisorAnswer.Answered(124, "pg=" + pg));
                return true;
            }
            return false;
        });
        handingOver = handingOver && mode == SupervisorState.Mode.PRIMARY;
    }

    /** The preStop hook waits for the primary to move. */
    void askForSwitchover() {
        handingOver = mode == SupervisorState.Mode.PRIMARY;
    }

    // ---- requests

    /** Takes a request after it has lain in the mailbox for a moment. */
    void take(SupervisorRequest request, long byMillis, VirtualTime.Reply<SupervisorAnswer> reply) {
        if (byMillis < now()) {
            reply.give(new SupervisorAnswer.Answered(71, "taken at " + now()));
        } else if (!locked) {
            reply.give(new SupervisorAnswer.Answered(75, "the volume is locked by another"));
        } else {
            execute(request, new Words(request), reply);
        }
    }

    private void execute(SupervisorRequest request, Words words, VirtualTime.Reply<SupervisorAnswer> reply) {
        SupervisorRequest.Operation operation = request.operation();
        boolean allowed = switch (operation) {
            case STOP, CANCEL, RELOAD, MARK, CONTROLDATA, DISCARD -> true;
            case PROMOTE -> pg == SupervisorState.Postgres.UP && mode == SupervisorState.Mode.STANDBY;
            case START, INITDB, ADOPT, RESTORE, CLONE, SWAP, REWIND, RECOVER -> pg == SupervisorState.Postgres.DOWN;
        };
        boolean writes = operation == SupervisorRequest.Operation.PROMOTE || words.is("mode", "primary");
        if (operation == SupervisorRequest.Operation.STOP) {
            takeStop(words, reply);
        } else if (operation == SupervisorRequest.Operation.CANCEL) {
            cancelJob();
            reply.give(new SupervisorAnswer.Answered(0, ""));
        } else if (operation == SupervisorRequest.Operation.RELOAD) {
            reload(reply);
        } else if (!allowed) {
            reply.give(new SupervisorAnswer.Answered(73, "pg=" + pg + " mode=" + mode));
        } else if (job.isPresent() && !pod.cluster.mutant.has(Mutant.Habit.STARTS_TWICE)) {
            reply.give(new SupervisorAnswer.Answered(74, job.get().name() + " is running"));
        } else if (writes && !mayWrite(words.epoch())) {
            reply.give(new SupervisorAnswer.Answered(72, "no valid token of epoch " + words.epoch()));
        } else {
            if (operation == SupervisorRequest.Operation.PROMOTE) {
                // From here on only the token lets it live, even if the promotion takes effect late.
                mode = SupervisorState.Mode.PRIMARY;
            }
            startJob(operation.text(), words, reply);
        }
    }

    private void takeStop(Words words, VirtualTime.Reply<SupervisorAnswer> reply) {
        long timeout = words.number("timeout");
        stops.add(new PendingStop(reply, timeout == 0 ? 0 : now() + timeout));
        boolean gentle = fenceMillis != 0 && pod.cluster.mutant.has(Mutant.Habit.STOPS_FAST_IN_FENCE);
        cancelJob();
        stopPostgres(
                switch (words.text("how")) {
                    case "fast" -> Signal.INT;
                    case "immediate" -> gentle ? Signal.INT : Signal.QUIT;
                    default -> Signal.KILL;
                });
    }

    private void reload(VirtualTime.Reply<SupervisorAnswer> reply) {
        if (server.isEmpty()) {
            reply.give(new SupervisorAnswer.Answered(73, "pg=" + pg));
            return;
        }
        Server running = server.get();
        pod.run.settings.ifPresent(running::load);
        // The checkpointer comes to it in its own time.
        pod.cluster.time.after(pod.cluster.chance.upTo(3_000), life, running.commits::checkpointerTurns);
        reply.give(new SupervisorAnswer.Answered(0, ""));
    }

    private void startJob(String name, Words words, VirtualTime.Reply<SupervisorAnswer> reply) {
        Job started = new Job(name, reply, new Life(pod.node));
        job = Optional.of(started);
        pod.cluster.time.begin(
                started.life(),
                () -> {
                    SupervisorAnswer answer = jobs.perform(name, words);
                    job = Optional.empty();
                    report();
                    reply.give(answer);
                },
                () -> {});
    }

    private void cancelJob() {
        job.ifPresent(cancelled -> {
            cancelled.life().kill();
            job = Optional.empty();
            jobs.cancelled(cancelled.name());
            cancelled.reply().give(new SupervisorAnswer.Answered(124, "cancelled"));
        });
    }

    // ---- life of Postgres, for jobs

    void launch(Server started, SupervisorState.Mode startedAs, long readyInMillis) {
        pod.cluster.watch.starting(pod, started);
        server = Optional.of(started);
        mode = startedAs;
        pg = SupervisorState.Postgres.STARTING;
        fenceMillis = 0;
        signal = Signal.NONE;
        readyMillis = now() + readyInMillis;
    }

    long nextPid() {
        return ++pid;
    }

    void promotionFailed() {
        if (pg == SupervisorState.Postgres.UP && server.filter(Server::writable).isEmpty()) {
            mode = SupervisorState.Mode.STANDBY;
        }
    }

    // ---- its own life and state

    /** It is gone, and with it whatever it started. */
    void die() {
        cancelJob();
        server.ifPresent(dying -> dying.crash(pod.cluster.chance));
        server = Optional.empty();
        orphans = false;
        pg = SupervisorState.Postgres.DOWN;
        life.kill();
        locked = false;
        if (pod.volume.locker.filter(this::equals).isPresent()) {
            pod.volume.locker = Optional.empty();
        }
    }

    String instance() {
        return instance;
    }

    Optional<SupervisorState> state() {
        return report;
    }

    private void report() {
        boolean due = report.filter(last -> now() - last.atMillis() < HEARTBEAT_MILLIS)
                .filter(last -> last.postgres() == pg && last.mode() == mode)
                .filter(last -> last.job().equals(shownJob()))
                .isEmpty();
        if (due) {
            report = Optional.of(new SupervisorState(
                    boot(),
                    instance,
                    now(),
                    pg,
                    mode,
                    server.map(running -> running.pid).orElse(0L),
                    0,
                    fenceMillis == 0 ? 0 : 1,
                    shownJob(),
                    pod.volume.state.data()));
        }
    }

    private Optional<String> shownJob() {
        if (!locked) {
            return Optional.of("lock");
        }
        return job.map(Job::name).or(() -> handingOver ? Optional.of("7-switchover") : Optional.empty());
    }
}
