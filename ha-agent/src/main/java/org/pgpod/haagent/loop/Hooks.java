package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.conf.HooksFile;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.HookPort;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Scheduler;
import org.pgpod.haagent.model.port.Scheduler.Lane;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees what happens to the server and has its hooks run, one after the other, in a lane of which nothing else depends. A
 * newer role, or a stop that was asked for, ends the hooks of an older role. Nothing is decided by what becomes of a hook,
 * but that a stop that was asked for waits for those before it, never longer than {@link #WAIT_MAX}, and that those before a
 * promotion may refuse it.
 */
public final class Hooks {
    /** Leaves most of what the Postgres container waits for a switchover before it stops. */
    public static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);
    private static final int REMEMBERED_MAX = 16;

    /** What was read of a server longer ago may be of an earlier one. */
    private static final long FRESH_MILLIS = 2_000;

    private final HookPort hooks;
    private final PodPort pods;
    private final BootClock clock;
    private final Scheduler scheduler;

    /** Which change of the role is the last one, or the stop that followed it. */
    private final AtomicLong era = new AtomicLong();

    // Its monitor guards both; it is held for a moment only.
    private final Deque<Hook.Ended> recent = new ArrayDeque<>();
    private final Map<Hook.Event, Map<Hook.Outcome, Long>> counts = new EnumMap<>(Hook.Event.class);

    // Only the decide lane touches these.
    private boolean begun;
    private boolean up;
    private String server = "";
    private Optional<Hook.Event> role = Optional.empty();
    private Optional<BeforeStop> beforeStop = Optional.empty();

    // Only the lane of actions touches this.
    private Epoch prepared = Epoch.NONE;

    Hooks(Ports ports) {
        this.hooks = ports.hooks();
        this.pods = ports.pods();
        this.clock = ports.clock();
        this.scheduler = ports.scheduler();
    }

    /** The hooks before one stop. */
    private static final class BeforeStop {
        private final long deadlineMillis;
        private volatile boolean ended;

        BeforeStop(long deadlineMillis) {
            this.deadlineMillis = deadlineMillis;
        }

        boolean isOver(long nowMillis) {
            return ended || nowMillis >= deadlineMillis;
        }
    }

    /**
     * Runs the hooks before the promotion of {@code epoch}, unless this agent has done so: what the one said that was not done, and
     * which ends the attempt. Only the lane that promotes calls it.
     */
    Optional<Hook.Ended> beforePromotion(Epoch epoch, BooleanSupplier cancelled) {
        if (prepared.equals(epoch) || hooks.at(Hook.Event.BEFORE_PROMOTE).isEmpty()) {
            return Optional.empty();
        }
        era.incrementAndGet();
        Optional<Hook.Ended> refusal = run(Hook.Event.BEFORE_PROMOTE, cancelled);
        prepared = refusal.isEmpty() ? epoch : prepared;
        return refusal;
    }

    /** What ended last, the oldest first. */
    public List<Hook.Ended> recent() {
        synchronized (recent) {
            return List.copyOf(recent);
        }
    }

    /** How often hooks of that event ended so. */
    public long count(Hook.Event event, Hook.Outcome outcome) {
        synchronized (recent) {
            return counts.getOrDefault(event, Map.of()).getOrDefault(outcome, 0L);
        }
    }

    /** Compares what is known now with what was; an agent that finds a server running takes it for an old one. */
    void observe(Facts facts) {
        Optional<SupervisorState> supervisor = facts.local().supervisor().known();
        if (supervisor.isEmpty()) {
            return;
        }
        Optional<Hook.Event> found = roleOf(facts, supervisor.get());
        if (!begun) {
            boolean down = supervisor.get().postgres() == SupervisorState.Postgres.DOWN;
            begun = down || found.isPresent();
            up = found.isPresent();
            server = supervisor.get().server();
            role = found;
            return;
        }
        if (up && (supervisor.get().postgres() == SupervisorState.Postgres.DOWN || isAnother(supervisor.get()))) {
            up = false;
            submit(Hook.Event.STOP, () -> false);
        }
        if (!up && found.isPresent()) {
            up = true;
            server = supervisor.get().server();
            submit(Hook.Event.START, () -> false);
        }
        if (found.isPresent() && !found.equals(role)) {
            role = found;
            long own = era.incrementAndGet();
            submit(found.get(), () -> era.get() != own);
        }
    }

    private boolean isAnother(SupervisorState supervisor) {
        return supervisor.postgres() == SupervisorState.Postgres.UP
                && !supervisor.server().equals(server);
    }

    /** The role that is beyond doubt: a primary that lets clients write, or a server in recovery; else none. */
    private Optional<Hook.Event> roleOf(Facts facts, SupervisorState supervisor) {
        Optional<DatabaseFacts> database = facts.local().database().since(clock.nowMillis() - FRESH_MILLIS);
        if (supervisor.postgres() != SupervisorState.Postgres.UP || database.isEmpty()) {
            return Optional.empty();
        }
        if (database.get().inRecovery()) {
            return Optional.of(Hook.Event.STANDBY);
        }
        boolean open =
                facts.term().filter(term -> term.openAt(clock.nowMillis())).isPresent()
                        && facts.local()
                                .token()
                                .filter(token -> token.phase() == LeaseToken.Phase.OPEN)
                                .isPresent();
        return open ? Optional.of(Hook.Event.PRIMARY) : Optional.empty();
    }

    /** Whether {@code action} begins a stop that was asked for and whose hooks have still some time. */
    boolean holdsBack(Action action, Reason reason) {
        boolean asked = reason.code() == Reason.Code.RESTART_REQUESTED
                || reason.code().name().startsWith("SWITCHOVER_");
        if (!asked) {
            beforeStop = Optional.empty();
            return false;
        }
        boolean begins = action instanceof Action.Checkpoint
                || (action instanceof Action.Stop && reason.code() == Reason.Code.RESTART_REQUESTED);
        if (!begins || hooks.at(Hook.Event.BEFORE_STOP).isEmpty()) {
            return false;
        }
        if (beforeStop.isEmpty()) {
            BeforeStop begunNow = new BeforeStop(clock.nowMillis() + WAIT_MAX.toMillis());
            beforeStop = Optional.of(begunNow);
            era.incrementAndGet();
            scheduler.submit(Lane.HOOK, () -> {
                run(Hook.Event.BEFORE_STOP, () -> begunNow.isOver(clock.nowMillis()));
                begunNow.ended = true;
            });
        }
        return !beforeStop.get().isOver(clock.nowMillis());
    }

    private void submit(Hook.Event event, BooleanSupplier cancelled) {
        if (!hooks.at(event).isEmpty()) {
            scheduler.submit(Lane.HOOK, () -> run(event, cancelled));
        }
    }

    /** In their order, until one is not done: that one. */
    private Optional<Hook.Ended> run(Hook.Event event, BooleanSupplier cancelled) {
        for (Hook hook : hooks.at(event)) {
            Hook.Ended ended = cancelled.getAsBoolean()
                    ? new Hook.Ended(event, hook.name(), Hook.Outcome.CANCELLED, "before it began", Duration.ZERO)
                    : hooks.run(event, hook, cancelled);
            remember(ended);
            tell(ended);
            if (ended.outcome() != Hook.Outcome.DONE) {
                return Optional.of(ended);
            }
        }
        return Optional.empty();
    }

    private void remember(Hook.Ended ended) {
        synchronized (recent) {
            recent.addLast(ended);
            if (recent.size() > REMEMBERED_MAX) {
                recent.removeFirst();
            }
            counts.computeIfAbsent(ended.event(), event -> new EnumMap<>(Hook.Outcome.class))
                    .merge(ended.outcome(), 1L, Long::sum);
        }
    }

    private void tell(Hook.Ended ended) {
        String event = HooksFile.key(ended.event());
        String text = "hook event=" + event + " name=" + ended.name() + " outcome="
                + ended.outcome().name().toLowerCase(Locale.ROOT) + " millis="
                + ended.took().toMillis() + " " + ended.detail();
        String reason = switch (ended.outcome()) {
            case DONE -> "HookDone";
            case FAILED, TIMED_OUT -> "HookFailed";
            case CANCELLED -> "HookCancelled";
        };
        if (ended.outcome() == Hook.Outcome.DONE) {
            LOG.info("{}", text);
        } else {
            LOG.warn("{}", text);
        }
        // The API may be slow, and the next hook does not wait for it.
        scheduler.submit(Lane.MEMBERS, () -> pods.event(reason, text.strip()));
    }
}
