package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.decide.ActionReport;
import org.pgpod.haagent.decide.Decider;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.DecisionMaker;
import org.pgpod.haagent.decide.Memory;
import org.pgpod.haagent.decide.Observation;
import org.pgpod.haagent.decide.Promises;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.MaintenanceSettings;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.PodOutlook;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.PromiseAnswer;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.SlotReport;
import org.pgpod.haagent.model.StandbyOutlook;
import org.pgpod.haagent.model.port.Scheduler;
import org.pgpod.haagent.model.port.Scheduler.Lane;

/**
 * One agent at work. Facts are posted by their own lanes, decided upon in one, and acted upon in another, one action at
 * a time; only fencing overtakes. An action counts as in flight until the pod was read again after it, so that no
 * decision rests on what was true before it.
 */
public final class AgentLoop {
    private static final Duration CONFIGURATION_WAIT = Duration.ofSeconds(5);

    private final Ports ports;
    private final OwnPod self;
    private final HaAgentSettings settings;
    private final DecisionMaker decider;
    private final Board board = new Board();
    private final Requests requests = new Requests();
    private final TokenKeeper token;
    private final Fencing fencing;
    private final LeaderLease lease;
    private final Members members;
    private final LocalReader local;
    private final Greeter greeter;
    private final ActionRunner runner;
    private final Journal journal;
    private final Configurations configurations;
    private final ConfigurationEditor editor;
    private final PromiseKeeper promises;
    private final Hooks hooks;
    private final RemoteWatch remote;
    private final SlotCare slots;
    private final PendingRestarts pending;

    // Only the decide lane touches these.
    private Memory memory = Memory.NONE;
    private long startedMillis;

    // Only the lane that carries out the one action in flight touches this.
    private long reports;

    private volatile Optional<Decision> last = Optional.empty();
    private volatile PodOutlook outlook = PodOutlook.CALM;

    public AgentLoop(Ports ports, OwnPod self, HaAgentSettings settings) {
        this(ports, self, settings, Decider::decide);
    }

    /** The same with another decision function: a simulator proves its checks by one that is wrong on purpose. */
    public AgentLoop(Ports ports, OwnPod self, HaAgentSettings settings, DecisionMaker decider) {
        this.ports = ports;
        this.self = self;
        this.settings = settings;
        this.decider = decider;
        this.token = new TokenKeeper(self.holder(), ports.token(), ports.clock(), board);
        this.fencing = new Fencing(board, token, ports.supervisor(), ports.clock(), ports.scheduler());
        this.lease = new LeaderLease(ports, self.holder(), settings, board, token, fencing);
        this.members = new Members(ports, settings, board);
        this.local = new LocalReader(ports, settings, board);
        this.greeter = new Greeter(ports, settings, board);
        Duration timeout = settings.timings().retryPeriod();
        PrimaryEntries entries =
                new PrimaryEntries(ports, requests, self.holder().pod(), timeout);
        PlannedRestarts restarts =
                new PlannedRestarts(ports, requests, self.holder().pod(), timeout);
        this.configurations = new Configurations(ports, self, settings, board, entries, restarts);
        this.editor = new ConfigurationEditor(ports.configMap(), board);
        this.hooks = new Hooks(ports);
        this.runner = new ActionRunner(ports, self, settings, board, configurations, hooks);
        this.journal = new Journal(ports.pods(), ports.scheduler());
        this.promises = new PromiseKeeper(ports, self, settings, board, lease);
        this.remote = new RemoteWatch(ports, board, timeout);
        this.slots = new SlotCare(ports, board, () -> observe(board.facts()));
        this.pending = new PendingRestarts(
                ports, settings.maintenance().window(), requests, () -> observe(board.facts()), this::report);
    }

    /** Hands the work to the scheduler's lanes; returns at once. */
    public void start() {
        startedMillis = ports.clock().nowMillis();
        token.inherit();
        Scheduler scheduler = ports.scheduler();
        scheduler.every(Lane.FENCE, Fencing.INTERVAL, fencing::tick);
        scheduler.every(Lane.RENEW, LeaderLease.INTERVAL, () -> decideIf(lease.tick()));
        scheduler.every(Lane.PROMISE, PromiseKeeper.INTERVAL, promises::tick);
        scheduler.every(Lane.MEMBERS, settings.loopInterval(), () -> decideIf(members.tick()));
        scheduler.every(Lane.CONFIGURATION, settings.loopInterval(), () -> decideIf(configurations.tick()));
        if (settings.maintenance().pendingRestarts() == MaintenanceSettings.PendingRestarts.IN_WINDOW) {
            scheduler.every(Lane.CONFIGURATION, PendingRestarts.INTERVAL, pending::tick);
        }
        scheduler.every(Lane.REMOTE, RemoteWatch.INTERVAL, () -> decideIf(remote.tick()));
        scheduler.every(Lane.SLOTS, settings.loopInterval(), slots::tick);
        scheduler.every(Lane.STORAGE, settings.loopInterval(), () -> {
            local.readStorage();
            decideIf(true);
        });
        scheduler.every(Lane.GREETING, Greeter.INTERVAL, greeter::tick);
        scheduler.every(Lane.LOCAL, settings.loopInterval(), () -> {
            local.read();
            decideIf(true);
        });
    }

    /** Takes note of what Kubernetes has in mind for this pod. */
    public void expect(PodOutlook next) {
        outlook = next;
        decideIf(true);
    }

    /** Where people's requests go in. */
    public Requests requests() {
        return requests;
    }

    /** What became of the hooks. */
    public Hooks hooks() {
        return hooks;
    }

    /** Where people change the cluster's configuration. */
    public ConfigurationEditor editor() {
        return editor;
    }

    /** Has the configuration read and the files written and loaded anew, soon. */
    public void reload() {
        ports.scheduler().submit(Lane.CONFIGURATION, () -> {
            configurations.reload();
            decideIf(configurations.tick());
        });
    }

    /** What is to be told of the running server now. */
    public ServerReport report() {
        return reportOf(board.facts());
    }

    private ServerReport reportOf(Facts facts) {
        return configurations.report(facts).withSlots(slots.positions());
    }

    /** What is to be told of the replication slots now. */
    public SlotReport slots() {
        return slots.report();
    }

    /** Parameters that wait until other members have followed. */
    public SortedMap<String, ServerReport.Change> heldBack() {
        return configurations.heldBack(board.facts());
    }

    /** What is known now. */
    public Facts facts() {
        return board.facts();
    }

    /** What was decided last; empty before the first decision. */
    public Optional<Decision> lastDecision() {
        return last;
    }

    /** Answers a holder that cannot reach the API, in its turn among the decisions. */
    public Future<PromiseAnswer> promise(PromiseRequest request) {
        CompletableFuture<PromiseAnswer> answer = new CompletableFuture<>();
        ports.scheduler().submit(Lane.DECIDE, () -> answer.complete(promiseNow(request)));
        return answer;
    }

    /** The same at once; only for a caller that is in the lane of decisions. */
    public PromiseAnswer promiseNow(PromiseRequest request) {
        Promises.Given given = Promises.answer(observe(board.facts()), memory, request);
        memory = given.memory();
        return given.answer();
    }

    private void decideIf(boolean news) {
        if (news) {
            ports.scheduler().submit(Lane.DECIDE, this::decide);
        }
    }

    private void decide() {
        Facts facts = board.facts();
        Decision decision = decider.decide(observe(facts), memory);
        boolean again = !decision.memory().equals(memory);
        memory = decision.memory();
        last = Optional.of(decision);
        token.wish(decision.token());
        memory.answer().ifPresent(answer -> requests.answer(answer.requestId(), answer.answer()));
        journal.decided(decision);
        if (members.offer(decision.status().reporting(reportOf(facts)))) {
            ports.scheduler().submit(Lane.MEMBERS, () -> decideIf(members.tick()));
        }
        hooks.observe(facts);
        Action action = configurations.instead(decision, facts);
        if (!hooks.holdsBack(action, decision.reason())) {
            dispatch(action, facts);
        }
        decideIf(again && facts.inFlight().isEmpty() && decision.action() instanceof Action.Nothing);
    }

    private Observation observe(Facts facts) {
        return new Observation(
                ports.clock().nowMillis(),
                startedMillis,
                self.with(outlook),
                inForce(facts),
                facts.lease(),
                facts.term(),
                facts.members(),
                facts.published(),
                facts.local(),
                requests.pending(),
                facts.inFlight(),
                facts.finished(),
                !lease.uncertain().isEmpty(),
                new StandbyOutlook(facts.configuration().standby(), facts.remote()));
    }

    /** Nobody is preferred outside of the maintenance window. */
    private HaAgentSettings inForce(Facts facts) {
        HaAgentSettings now = facts.settings(settings);
        return now.maintenance().window().contains(ports.wallClock().get())
                ? now
                : now.with(new PreferenceSettings(now.preference().zones(), Duration.ZERO));
    }

    private void dispatch(Action action, Facts facts) {
        if (action instanceof Action.Fence) {
            fencing.request(facts.epoch());
            return;
        }
        if (action instanceof Action.Nothing || facts.inFlight().isPresent() || isTooEarly(action, facts)) {
            return;
        }
        board.post(now -> now.starting(action));
        if (action instanceof Action.LeaseWrite write) {
            ports.scheduler().submit(Lane.RENEW, () -> {
                Optional<String> failure = lease.perform(write);
                report(action, failure.map(ActionRunner.Ended::badly).orElseGet(ActionRunner.Ended::well));
                settle();
            });
        } else {
            ports.scheduler().submit(Lane.ACTION, () -> {
                ActionRunner.Ended ended = runner.run(action);
                report(action, ended);
                ports.scheduler().submit(Lane.LOCAL, () -> {
                    local.read();
                    settle();
                });
            });
        }
    }

    /** A first start waits a moment for the cluster's configuration, without which it might soon need a restart. */
    private boolean isTooEarly(Action action, Facts facts) {
        boolean starts = action instanceof Action.StartPrimary || action instanceof Action.StartStandby;
        return starts
                && facts.configuration().view().isEmpty()
                && ports.clock().nowMillis() - startedMillis < CONFIGURATION_WAIT.toMillis();
    }

    private void report(Action action, ActionRunner.Ended ended) {
        reports++;
        ActionReport report = new ActionReport(
                reports, action, ended.failure(), ended.output(), ports.clock().nowMillis(), ended.refused());
        board.post(facts -> facts.reporting(report));
        journal.ended(report);
    }

    private void settle() {
        board.post(Facts::idle);
        decideIf(true);
    }
}
