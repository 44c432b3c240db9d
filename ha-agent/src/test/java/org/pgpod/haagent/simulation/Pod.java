package org.pgpod.haagent.simulation;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.loop.AgentLoop;
import org.pgpod.haagent.loop.Ports;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.Tags;

/** One incarnation of a pod: a node, a tmpfs, a volume, a supervisor, and the real agent on top of them. */
final class Pod {
    /** The tmpfs {@code run/}; it outlives the containers and not the pod. */
    static final class Run {
        Optional<LeaseToken> token = Optional.empty();

        /** The files in {@code run/conf}. */
        Optional<PostgresSettings> settings = Optional.empty();
    }

    /** What the probe of the volume finds. */
    enum Disk {
        WELL,
        FULL,
        FAILING,
        STUCK
    }

    private static final int SUPERVISOR_RESTART_MILLIS = 1_000;

    final Cluster cluster;
    final String name;
    final String address;
    final Node node;
    final Volume volume;
    final Tags tags;
    HaAgentSettings settings;
    Run run = new Run();
    Supervisor supervisor;
    AgentLoop agent;
    Life process;

    // What is wrong with it.
    private ApiClient.Trouble trouble = ApiClient.Trouble.NONE;
    private long troubleEndsMillis = Long.MAX_VALUE;
    boolean refusesPromotion;
    boolean replayPaused;
    boolean tokenFull;
    boolean historyMissing;
    Disk disk = Disk.WELL;

    /** Since when it is so, by its own clock. */
    long diskMillis;

    /** The server that gives nobody an answer, until it ends. */
    Optional<Server> hanging = Optional.empty();

    boolean lacksLibraries;
    long lagBytes;

    /** Whether the walsender that serves it does not come to its turn: it neither answers nor loads what has changed. */
    boolean walsenderLate;

    /** When its agent last asked for a longer term, by its own clock. */
    long askedMillis;

    /** Whether a later incarnation of the same name took its place. */
    boolean replaced;

    private boolean on;
    private String uid;
    private List<MemberLease> listedLast = List.of();
    private List<MemberLease> listedBefore = List.of();

    Pod(Cluster cluster, String name, Node node, Volume volume, Tags tags, HaAgentSettings settings) {
        this.cluster = cluster;
        this.name = name;
        this.node = node;
        this.volume = volume;
        this.tags = tags;
        this.settings = settings;
        this.address = "10.0.0." + cluster.nextNumber();
        this.uid = newUid();
        this.on = true;
        this.supervisor = newSupervisor();
        this.process = new Life(node);
        this.agent = newAgent();
    }

    private String newUid() {
        return "uid" + cluster.nextNumber();
    }

    private Supervisor newSupervisor() {
        return new Supervisor(this, "instance" + cluster.nextNumber());
    }

    private AgentLoop newAgent() {
        Ports ports = new AgentPorts(this, process).ports();
        OwnPod self =
                new OwnPod("demo", new Holder(name, uid), address, 5432, 8008, "node-" + name, "zone", tags, "0.1");
        return new AgentLoop(cluster.mutant.ports().apply(this, ports), self, settings, cluster.deciderOf(this));
    }

    String title() {
        return name + "/" + uid;
    }

    Holder holder() {
        return new Holder(name, uid);
    }

    boolean isOn() {
        return on;
    }

    boolean agentRuns() {
        return process.isAlive();
    }

    Optional<Server> server() {
        return supervisor.server;
    }

    /** Whether what reads the token here takes it for a primary's that is still good. */
    boolean believes(LeaseToken token) {
        String boot = cluster.mutant.has(Mutant.Habit.TRUSTS_TOKENS_OF_OTHER_BOOTS) ? token.bootId() : node.bootId();
        return token.isOfPrimary(node.nowMillis(), boot);
    }

    /** Whether its Postgres runs and answers nobody. */
    boolean hangs() {
        return hanging.isPresent() && hanging.equals(server());
    }

    /** Whether its Postgres does not end for that signal, or not yet. */
    boolean ignores(Signal signal) {
        boolean waits = signal == Signal.INT
                && server().filter(cluster.network::hangsStop).isPresent();
        return waits || (signal != Signal.KILL && hangs());
    }

    // ---- faults

    /** Power off: everything that runs is gone at once, tmpfs too. */
    void crash() {
        if (on) {
            on = false;
            process.kill();
            supervisor.die();
            run = new Run();
        }
    }

    /** The pod comes back on its volume, as a new incarnation. */
    void comeBack() {
        if (!on && !replaced) {
            on = true;
            uid = newUid();
            supervisor = newSupervisor();
            startAgent();
        }
    }

    void crashAndComeBack() {
        crash();
        cluster.later(this, 500, 10_000, this::comeBack);
    }

    void ask(Request request) {
        if (process.isAlive()) {
            agent.requests().submit(request);
        }
    }

    /** The node boots again; {@code run/} comes through, which it must not. */
    void rebootKeepingRun(long uptimeMillis) {
        Run kept = run;
        crash();
        node.reboot(uptimeMillis);
        on = true;
        run = kept;
        supervisor = newSupervisor();
        startAgent();
    }

    private void startAgent() {
        process = new Life(node);
        agent = newAgent();
        agent.start();
    }

    void killAgent() {
        process.kill();
    }

    /** The agent's container restarts in the same pod: same uid, same tmpfs. */
    void restartAgent() {
        process.kill();
        if (on) {
            startAgent();
        }
    }

    /** The Postgres container is killed and starts again. */
    void killSupervisor() {
        if (on) {
            supervisor.die();
            cluster.time.after(SUPERVISOR_RESTART_MILLIS, cluster.nature, () -> {
                if (on && !supervisor.life.isAlive()) {
                    supervisor = newSupervisor();
                }
            });
        }
    }

    ApiClient.Trouble trouble() {
        return cluster.time.nowMillis() < troubleEndsMillis ? trouble : ApiClient.Trouble.NONE;
    }

    void trouble(ApiClient.Trouble next, long durationMillis) {
        trouble = next;
        troubleEndsMillis = cluster.time.nowMillis() + durationMillis;
    }

    /** Ends whatever is wrong with this pod. */
    void repair() {
        trouble = ApiClient.Trouble.NONE;
        refusesPromotion = false;
        tokenFull = false;
        historyMissing = false;
        disk = Disk.WELL;
        hanging = Optional.empty();
        lacksLibraries = false;
        lagBytes = 0;
        walsenderLate = false;
        server().ifPresent(server -> server.commits.impersonate(Optional.empty(), 0));
        pauseReplay(false);
        if (replaced) {
            return;
        }
        if (!on) {
            comeBack();
        } else if (!process.isAlive()) {
            restartAgent();
        }
    }

    void pauseReplay(boolean paused) {
        replayPaused = paused;
        server().ifPresent(server -> {
            server.replayPaused = paused;
            server.replay();
        });
    }

    // ---- what can be seen from outside

    /** Whether its proxy lets clients write now. */
    boolean admitsWriters() {
        return on
                && !node.isPaused()
                && supervisor.server.isPresent()
                && supervisor.server.get().writable()
                && supervisor.server.get().accepting
                && run.token.isPresent()
                && run.token.get().phase() == LeaseToken.Phase.OPEN
                && admits(run.token.get());
    }

    private boolean admits(LeaseToken token) {
        return token.admitsWritersAt(node.nowMillis(), node.bootId());
    }

    /** What the agent was last told of the members. */
    void listed(List<MemberLease> list) {
        listedBefore = listedLast;
        listedLast = list;
    }

    /** Whether the last two lists both showed this state of a member. */
    boolean knowsOf(MemberLease lease) {
        return listedLast.contains(lease) && listedBefore.contains(lease);
    }

    String lastDecision() {
        return agent.lastDecision().map(Decision::toString).orElse("nothing");
    }
}
