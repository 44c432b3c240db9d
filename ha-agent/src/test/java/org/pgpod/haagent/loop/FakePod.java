package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.ConfigurationPort;
import org.pgpod.haagent.model.port.DatabasePort;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorAnswer;
import org.pgpod.haagent.model.port.SupervisorPort;
import org.pgpod.haagent.model.port.TokenPort;

/** One pod in memory: its supervisor, volume, token and Postgres as ports, and the real agent on top of them. */
final class FakePod implements SupervisorPort, DatabasePort, ConfigurationPort, TokenPort {
    final String name;
    final FakeApi.Client api;
    FakePostgres postgres = new FakePostgres(new SystemId("0"));
    VolumeState volume = VolumeState.EMPTY;
    Optional<LeaseToken> token = Optional.empty();
    AgentLoop agent;
    boolean supervisorAlive = true;
    boolean refusesPromotion;

    private final FakeCluster cluster;
    private Optional<FakePostgres> dataNew = Optional.empty();
    private Optional<PostgresSettings> files = Optional.empty();
    private VirtualTime.Life process = new VirtualTime.Life();
    private long pid = 1;
    private int incarnation;

    FakePod(FakeCluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
        this.api = cluster.api.new Client(name);
        this.agent = newAgent(Tags.NONE);
    }

    /** A new run of the agent, in a new incarnation of the pod. */
    AgentLoop newAgent(Tags tags) {
        incarnation++;
        return agentOf("uid" + incarnation, tags);
    }

    /** The agent's container restarts in the same pod: same uid, same tmpfs. */
    void restartAgent() {
        process.kill();
        agent = agentOf("uid" + incarnation, Tags.NONE);
        agent.start();
    }

    private AgentLoop agentOf(String uid, Tags tags) {
        process = new VirtualTime.Life();
        OwnPod self =
                new OwnPod("demo", new Holder(name, uid), address(), 5432, 8008, "node-" + name, "zone", tags, "0.1");
        Ports ports = new Ports(
                cluster.time,
                cluster.time.lanesOf(process),
                api,
                api,
                this,
                this,
                this,
                this,
                () -> Reading.failed("no proxy"),
                Optional::empty);
        return new AgentLoop(ports, self, cluster.settings);
    }

    String address() {
        return "10.0.0." + (name.charAt(name.length() - 1) - '0' + 1);
    }

    HaAgentSettings settings() {
        return cluster.settings;
    }

    /** Power off: agent and Postgres are gone at once, tmpfs too. */
    void crash() {
        process.kill();
        postgres.crash();
        token = Optional.empty();
        supervisorAlive = false;
    }

    /** The pod comes back on its volume, as a new incarnation. */
    void comeBack() {
        supervisorAlive = true;
        agent = newAgent(Tags.NONE);
        agent.start();
    }

    /** A frozen agent: its process stands still, Postgres and the supervisor go on. */
    void killAgent() {
        process.kill();
    }

    /** What the supervisor does by itself, ten times a second (R4). */
    void enforceToken() {
        if (supervisorAlive && postgres.writable() && !mayStand()) {
            postgres.crash();
        }
    }

    private boolean mayStand() {
        long now = cluster.time.nowMillis();
        return token.filter(held -> held.isOfPrimary(now, "boot") && now < held.stopMillis())
                .isPresent();
    }

    private boolean mayWrite(Epoch epoch) {
        return mayStand() && token.filter(held -> held.epoch().equals(epoch)).isPresent();
    }

    /** Whether clients can write here now. */
    boolean admitsWriters() {
        return postgres.writable()
                && token.filter(held -> held.admitsWritersAt(cluster.time.nowMillis(), "boot"))
                        .filter(held -> held.phase() == LeaseToken.Phase.OPEN)
                        .isPresent();
    }

    // ---- supervisor

    @Override
    public Reading<SupervisorState> readState() {
        if (!supervisorAlive) {
            return Reading.failed("dead");
        }
        SupervisorState.Mode mode = !postgres.up
                ? SupervisorState.Mode.NONE
                : postgres.inRecovery ? SupervisorState.Mode.STANDBY : SupervisorState.Mode.PRIMARY;
        return Reading.of(new SupervisorState(
                "boot",
                "instance",
                cluster.time.nowMillis(),
                postgres.up ? SupervisorState.Postgres.UP : SupervisorState.Postgres.DOWN,
                mode,
                postgres.up ? pid : 0,
                0,
                0,
                Optional.empty(),
                volume.data()));
    }

    @Override
    public Reading<VolumeState> readVolume() {
        return Reading.of(volume);
    }

    @Override
    public Effect send(SupervisorRequest request) {
        return perform(request, Duration.ZERO).succeeded() ? new Effect.Changed() : new Effect.Failed("refused");
    }

    @Override
    public SupervisorAnswer perform(SupervisorRequest request, Duration timeout) {
        if (!supervisorAlive) {
            return new SupervisorAnswer.Unanswered("dead");
        }
        Map<String, String> words = new HashMap<>();
        request.words().forEach(word -> words.put(word.split("=", 2)[0], word.split("=", 2)[1]));
        return switch (request.operation()) {
            case START -> start(words);
            case STOP -> stop(words.getOrDefault("how", ""));
            case PROMOTE -> promote(words);
            case RELOAD -> reload();
            case INITDB -> {
                dataNew = Optional.of(new FakePostgres(new SystemId(cluster.newSystemId())));
                yield rc(0, "");
            }
            case CLONE -> cloneFrom();
            case SWAP -> swap();
            case REWIND -> rewind();
            case RECOVER -> {
                postgres.write();
                postgres.state = "shut down";
                yield rc(0, "");
            }
            case CONTROLDATA ->
                rc(0, words.containsKey("dir") ? dataNew.orElseThrow().controlData() : postgres.controlData());
            case MARK -> mark(words);
            case DISCARD, CANCEL -> rc(0, "");
        };
    }

    private static SupervisorAnswer rc(int rc, String output) {
        return new SupervisorAnswer.Answered(rc, output);
    }

    private SupervisorAnswer start(Map<String, String> words) {
        boolean primary = "primary".equals(words.get("mode"));
        if (postgres.up || !volume.hasData()) {
            return rc(73, "");
        }
        if (primary && !mayWrite(new Epoch(Long.parseLong(words.getOrDefault("epoch", "0"))))) {
            return rc(72, "no valid token");
        }
        postgres.up = true;
        postgres.inRecovery = !primary;
        postgres.settings = files;
        pid++;
        return rc(0, "");
    }

    private SupervisorAnswer stop(String how) {
        if (!"fast".equals(how)) {
            postgres.crash();
            return rc(0, "");
        }
        if (postgres.writable()) {
            postgres.write();
            cluster.stream();
            postgres.state = "shut down";
        } else if (postgres.up) {
            postgres.state = "shut down in recovery";
        }
        postgres.up = false;
        postgres.streaming = false;
        return rc(0, "");
    }

    private SupervisorAnswer promote(Map<String, String> words) {
        Epoch epoch = new Epoch(Long.parseLong(words.getOrDefault("epoch", "")));
        int timeline = Integer.parseInt(words.getOrDefault("timeline", ""));
        if (refusesPromotion || !postgres.up || !postgres.inRecovery || !mayWrite(epoch)) {
            return rc(73, "");
        }
        volume = new VolumeState(
                volume.data(),
                volume.systemId(),
                epoch,
                Optional.of(new Timeline(timeline)),
                volume.frozen(),
                volume.destroying());
        postgres.promote(timeline);
        return rc(0, "");
    }

    private SupervisorAnswer reload() {
        postgres.settings = files;
        if (!(files.orElse(null) instanceof PostgresSettings.Standby)) {
            postgres.streaming = false;
        }
        return rc(0, "");
    }

    private Optional<FakePod> upstream() {
        return files.filter(PostgresSettings.Standby.class::isInstance)
                .map(PostgresSettings.Standby.class::cast)
                .flatMap(standby -> cluster.primaryAt(standby.upstream().address(), this));
    }

    private Optional<FakePod> toolUpstream = Optional.empty();

    private SupervisorAnswer cloneFrom() {
        if (toolUpstream.isEmpty() || !toolUpstream.get().postgres.writable()) {
            return rc(1, "no connection");
        }
        dataNew = Optional.of(toolUpstream.get().postgres.copy());
        return rc(0, "");
    }

    private SupervisorAnswer swap() {
        postgres = dataNew.orElseThrow();
        dataNew = Optional.empty();
        volume = new VolumeState(
                Optional.of(cluster.newDataId()),
                Optional.of(postgres.systemId),
                volume.epoch(),
                volume.timeline(),
                Optional.empty(),
                Optional.empty());
        return rc(0, "");
    }

    private SupervisorAnswer rewind() {
        if (toolUpstream.isEmpty() || !toolUpstream.get().postgres.writable()) {
            return rc(1, "no connection");
        }
        FakePostgres source = toolUpstream.get().postgres;
        if (source.checkpointTimeline != source.timeline()) {
            return rc(1, "rewound to a source before its checkpoint");
        }
        cluster.rewinds.add(name);
        postgres = source.copy();
        volume = new VolumeState(
                Optional.of(cluster.newDataId()),
                volume.systemId(),
                volume.epoch(),
                volume.timeline(),
                volume.frozen(),
                Optional.empty());
        return rc(0, "");
    }

    private SupervisorAnswer mark(Map<String, String> words) {
        VolumeState next = volume;
        for (Map.Entry<String, String> word : words.entrySet()) {
            Optional<String> value = Optional.of(word.getValue()).filter(text -> !text.equals("-"));
            next = switch (word.getKey()) {
                case "frozen" ->
                    new VolumeState(
                            next.data(), next.systemId(), next.epoch(), next.timeline(), value, next.destroying());
                case "epoch" ->
                    new VolumeState(
                            next.data(),
                            next.systemId(),
                            new Epoch(Long.parseLong(word.getValue())),
                            next.timeline(),
                            next.frozen(),
                            next.destroying());
                case "timeline" ->
                    new VolumeState(
                            next.data(),
                            next.systemId(),
                            next.epoch(),
                            Optional.of(new Timeline(Integer.parseInt(word.getValue()))),
                            next.frozen(),
                            next.destroying());
                default -> throw new IllegalArgumentException(word.getKey());
            };
        }
        volume = next;
        return rc(0, "");
    }

    /** One turn of replication: it receives what its upstream has, if it can. */
    void stream() {
        if (!postgres.up || !postgres.inRecovery) {
            return;
        }
        postgres.streaming = false;
        upstream().filter(primary -> postgres.isPartOf(primary.postgres)).ifPresent(primary -> {
            postgres.streamFrom(primary.postgres);
            MemberName self = new MemberName(name, volume.data().orElseThrow());
            primary.postgres.senders.add(new DatabaseFacts.Sender(
                    self.applicationName(), "streaming", new org.pgpod.core.postgres.Lsn(postgres.end)));
        });
    }

    // ---- Postgres

    @Override
    public Reading<DatabaseFacts> read(Duration timeout) {
        return postgres.up ? Reading.of(postgres.facts()) : Reading.failed("refused");
    }

    @Override
    public Effect checkpoint(Duration timeout) {
        postgres.checkpointTimeline = postgres.timeline();
        return new Effect.Changed();
    }

    @Override
    public Effect ensureRoles(Duration timeout) {
        return new Effect.Changed();
    }

    @Override
    public Effect ensureSlots(Set<String> wanted, Duration timeout) {
        postgres.slots.clear();
        postgres.slots.addAll(wanted);
        return new Effect.Changed();
    }

    // ---- files

    @Override
    public Effect write(PostgresSettings wanted) {
        files = Optional.of(wanted);
        return new Effect.Changed();
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
        toolUpstream = cluster.primaryAt(upstream.address(), this);
        return Reading.of(List.of());
    }

    @Override
    public Reading<List<String>> rewindArguments(Upstream upstream) {
        toolUpstream = cluster.primaryAt(upstream.address(), this);
        return Reading.of(List.of());
    }

    @Override
    public Effect write(LeaseToken next) {
        token = Optional.of(next);
        return new Effect.Changed();
    }

    @Override
    public Optional<LeaseToken> read() {
        return token;
    }
}
