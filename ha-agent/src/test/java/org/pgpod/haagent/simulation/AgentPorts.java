package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.ProxyAnswer;
import org.pgpod.haagent.loop.Ports;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.ConfigurationPort;
import org.pgpod.haagent.model.port.DatabasePort;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SlotPort;
import org.pgpod.haagent.model.port.SupervisorAnswer;
import org.pgpod.haagent.model.port.SupervisorPort;
import org.pgpod.haagent.model.port.TokenPort;
import org.pgpod.haagent.testing.FakeSlots;

/** The ports of one run of an agent. What a dead agent still tries changes nothing. */
final class AgentPorts implements DatabasePort, SlotPort, ConfigurationPort, SupervisorPort {
    private static final int MAILBOX_MILLIS_MAX = 100;
    private static final long VOLUME_BYTES = 1L << 40;
    private static final int GREETING_MILLIS = 1_000;

    private final Pod pod;
    private final Life process;
    private final Cluster cluster;

    AgentPorts(Pod pod, Life process) {
        this.pod = pod;
        this.process = process;
        this.cluster = pod.cluster;
    }

    Ports ports() {
        ApiClient api = new ApiClient(pod, process);
        return new Ports(
                        pod.node,
                        new Lanes(cluster.time, pod.node, process, cluster.chance),
                        api,
                        api,
                        this,
                        this,
                        this,
                        this,
                        token(),
                        this::readProxy,
                        () -> cluster.librariesOf(pod),
                        new Peers(pod, process),
                        new ConfigEntry(pod),
                        timeout -> Reading.failed("the simulation has no catalog"),
                        () -> Instant.ofEpochMilli(pod.node.nowMillis()))
                .with(this::identify);
    }

    private Reading<RemoteSighting> identify(RemotePrimary remote, Duration timeout) {
        Optional<OtherCluster> other = cluster.other.filter(there -> there.reachable && there.address.equals(remote));
        cluster.time.sleep(other.isPresent() ? cluster.chance.upTo(20) : pod.node.lasting(timeout.toMillis()));
        return other.filter(there -> there.reachable)
                .map(OtherCluster::sighting)
                .map(Reading::of)
                .orElseGet(() -> Reading.failed("no answer"));
    }

    private <T> T effect(String what, T dead, Supplier<T> work) {
        if (!process.isAlive() || cluster.deaths.before(pod, what)) {
            return dead;
        }
        T result = work.get();
        cluster.deaths.after(pod, what);
        return result;
    }

    private Effect effect(String what, Supplier<Effect> work) {
        return effect(what, new Effect.Failed("dead"), work);
    }

    // ---- run/

    private TokenPort token() {
        return new TokenPort() {
            @Override
            public Effect write(LeaseToken next) {
                return effect("token", () -> {
                    if (pod.tokenFull) {
                        return new Effect.Failed("no space left on device");
                    }
                    cluster.watch.tokenWritten(pod, next);
                    pod.run.token = Optional.of(next);
                    return new Effect.Changed();
                });
            }

            @Override
            public Optional<LeaseToken> read() {
                return pod.run.token;
            }
        };
    }

    private Reading<ProxyAnswer> readProxy() {
        return pod.run
                .token
                .filter(ignored -> cluster.proxied)
                .map(token -> Reading.of(new ProxyAnswer(
                        pod.node.bootId(),
                        pod.node.nowMillis(),
                        token.sequence(),
                        token.phase(),
                        1,
                        cluster.chance.upTo(1),
                        0)))
                .orElseGet(() -> Reading.failed("no proxy"));
    }

    // ---- the supervisor

    @Override
    public Reading<SupervisorState> readState() {
        return pod.supervisor
                .state()
                .map(Reading::of)
                .orElseGet(() -> Reading.failed("the supervisor has not said anything yet"));
    }

    @Override
    public Reading<VolumeState> readVolume() {
        return Reading.of(pod.volume.state);
    }

    @Override
    public Effect send(SupervisorRequest request) {
        return effect("send " + request.operation(), () -> {
            place(request, pod.node.nowMillis() + 10_000, cluster.time.new Reply<>());
            return new Effect.Changed();
        });
    }

    @Override
    public SupervisorAnswer perform(SupervisorRequest request, Duration timeout) {
        String what = request.operation().text();
        VirtualTime.Reply<SupervisorAnswer> reply = cluster.time.new Reply<>();
        boolean placed = effect(what, false, () -> {
            place(request, pod.node.nowMillis() + timeout.toMillis(), reply);
            if (cluster.mutant.has(Mutant.Habit.STARTS_TWICE)) {
                place(request, pod.node.nowMillis() + timeout.toMillis(), cluster.time.new Reply<>());
            }
            return true;
        });
        if (!placed) {
            return new SupervisorAnswer.Unanswered("dead");
        }
        Optional<SupervisorAnswer> answer = reply.await(pod.node.lasting(timeout.toMillis()));
        cluster.deaths.after(pod, what + " done");
        cluster.story.tell(
                pod.title(),
                () -> what + " " + request.words() + " -> "
                        + answer.map(SupervisorAnswer::summary).orElse("no answer"));
        return answer.orElseGet(() -> new SupervisorAnswer.Unanswered("no answer to " + what + " in time"));
    }

    private void place(SupervisorRequest request, long byMillis, VirtualTime.Reply<SupervisorAnswer> reply) {
        Supervisor addressed = pod.supervisor;
        cluster.time.after(
                cluster.chance.between(1, MAILBOX_MILLIS_MAX),
                addressed.life,
                () -> addressed.take(request, byMillis, reply));
        // A supervisor that is replaced never answers; the mailbox notices within half a second.
        cluster.time.after(600, process, () -> watchInstance(addressed, reply));
    }

    private void watchInstance(Supervisor addressed, VirtualTime.Reply<SupervisorAnswer> reply) {
        if (reply.isGiven()) {
            return;
        }
        if (pod.supervisor != addressed) {
            reply.give(new SupervisorAnswer.Unanswered("the supervisor was replaced"));
        } else {
            cluster.time.after(500, process, () -> watchInstance(addressed, reply));
        }
    }

    // ---- Postgres

    @Override
    public Reading<DatabaseFacts> read(Duration timeout) {
        if (pod.hangs()) {
            cluster.time.sleep(pod.node.lasting(timeout.toMillis()));
            return Reading.failed("timed out");
        }
        return pod.server()
                .filter(server -> server.accepting)
                .map(server -> Reading.of(server.facts(!pod.historyMissing)))
                .orElseGet(() -> Reading.failed("refused"));
    }

    @Override
    public Reading<Boolean> answers(Duration timeout) {
        Optional<Server> asked = pod.server();
        for (long waited = 0; pod.hangs() && waited < timeout.toMillis(); waited += GREETING_MILLIS) {
            cluster.time.sleep(pod.node.lasting(GREETING_MILLIS));
        }
        return asked.isEmpty() || !pod.server().equals(asked) ? Reading.failed("refused") : Reading.of(!pod.hangs());
    }

    private Effect onServer(String what, Supplier<Effect> work) {
        return effect(what, () -> {
            boolean answers = !pod.hangs()
                    && pod.server().filter(server -> server.accepting).isPresent();
            return answers ? work.get() : new Effect.Failed("refused");
        });
    }

    @Override
    public Effect checkpoint(Duration timeout) {
        return onServer("checkpoint", () -> {
            Server server = pod.server().orElseThrow();
            cluster.time.sleep(cluster.chance.between(50, cluster.checkpointMillisMax));
            if (pod.server().filter(server::equals).isEmpty()) {
                return new Effect.Failed("the connection broke");
            }
            if (server.writable()) {
                server.checkpoint();
            }
            return new Effect.Changed();
        });
    }

    @Override
    public Effect ensureRoles(Duration timeout) {
        return onServer("ensureRoles", Effect.Changed::new);
    }

    @Override
    public Effect populate(Duration timeout) {
        return onServer("populate", Effect.Changed::new);
    }

    @Override
    public Effect ensureSlots(Set<String> wanted, Duration timeout) {
        return onServer("ensureSlots", () -> {
            Set<String> slots = pod.server().orElseThrow().data.slots;
            slots.addAll(wanted);
            return new Effect.Changed();
        });
    }

    @Override
    public Reading<SlotSighting> readSlots(Duration timeout) {
        return read(timeout) instanceof Reading.Value<DatabaseFacts>(DatabaseFacts facts)
                ? Reading.of(FakeSlots.seen(facts))
                : Reading.failed("refused");
    }

    @Override
    public Effect changeSlot(SlotStep step, boolean inRecovery, Duration timeout) {
        return onServer("changeSlot", () -> {
            Server server = pod.server().orElseThrow();
            return server.writable() != inRecovery ? FakeSlots.change(server.data.slots, step) : new Effect.Unchanged();
        });
    }

    // ---- files

    @Override
    public Effect write(PostgresSettings wanted, ServerConfiguration configuration) {
        return effect("configuration", () -> {
            pod.run.settings = Optional.of(wanted);
            return new Effect.Changed();
        });
    }

    @Override
    public Map<String, String> wantedParameters(DynamicConfiguration configuration) {
        return Map.of();
    }

    // ---- the volume

    @Override
    public Reading<StorageState> readStorage() {
        boolean stuck = pod.disk == Pod.Disk.STUCK;
        long now = pod.node.nowMillis();
        return Reading.of(new StorageState(
                pod.node.bootId(),
                stuck ? pod.diskMillis : now,
                stuck ? pod.diskMillis : 0,
                pod.disk == Pod.Disk.FULL ? 0 : VOLUME_BYTES / 2,
                VOLUME_BYTES,
                switch (pod.disk) {
                    case WELL, STUCK -> Optional.<StorageState.Problem>empty();
                    case FULL -> Optional.of(StorageState.Problem.ENOSPC);
                    case FAILING -> Optional.of(StorageState.Problem.EIO);
                }));
    }

    @Override
    public Optional<ToolProgress> readProgress(SupervisorState state) {
        return Optional.empty();
    }

    @Override
    public Reading<List<String>> initdbArguments() {
        return Reading.of(List.of());
    }

    @Override
    public Effect forgetInitdbSecrets() {
        return new Effect.Changed();
    }

    @Override
    public Reading<List<String>> cloneArguments(MemberName self, Upstream upstream) {
        cluster.network.toolTarget(pod, upstream.address());
        return Reading.of(List.of());
    }

    @Override
    public Reading<List<String>> cloneArguments(MemberName self, RemotePrimary remote) {
        cluster.network.toolTarget(pod, OtherCluster.HOST);
        return Reading.of(List.of());
    }

    @Override
    public Reading<List<String>> rewindArguments(Upstream upstream) {
        cluster.network.toolTarget(pod, upstream.address());
        return Reading.of(List.of());
    }
}
