package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.StorageTrouble;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.ConfigurationPort;
import org.pgpod.haagent.model.port.DatabasePort;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.HookPort;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SlotPort;
import org.pgpod.haagent.model.port.TokenPort;
import org.pgpod.haagent.testing.FakeSlots;

/** One pod in memory: its supervisor, volume, token and Postgres as ports, and the real agent on top of them. */
final class FakePod implements DatabasePort, SlotPort, ConfigurationPort, TokenPort {
    private HookPort hooks = HookPort.NONE;
    final String name;
    final FakeApi.Client api;
    private final FakeSupervisor supervisor = new FakeSupervisor(this);
    FakePostgres postgres = new FakePostgres(new SystemId("0"));
    VolumeState volume = VolumeState.EMPTY;
    Optional<LeaseToken> token = Optional.empty();
    AgentLoop agent;
    boolean supervisorAlive = true;
    boolean refusesPromotion;
    Optional<StorageTrouble> disk = Optional.empty();
    long diskMillis;

    final FakeCluster cluster;
    Optional<FakePod> toolUpstream = Optional.empty();
    Optional<PostgresSettings> files = Optional.empty();
    ServerConfiguration configured = ServerConfiguration.NONE;
    private VirtualTime.Life process = new VirtualTime.Life();
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
                supervisor,
                this,
                this,
                this,
                this,
                () -> Reading.failed("no proxy"),
                Optional::empty,
                cluster.peersOf(this),
                cluster.configMap,
                timeout -> postgres.up ? Reading.of(postgres.catalog()) : Reading.failed("refused"),
                () -> java.time.Instant.ofEpochMilli(cluster.time.nowMillis()));
        return new AgentLoop(ports.with(hooks), self, cluster.settings);
    }

    String address() {
        return "10.0.0." + (name.charAt(name.length() - 1) - '0' + 1);
    }

    HaAgentSettings settings() {
        return cluster.settings;
    }

    /** The hooks of these events fail. */
    final Set<Hook.Event> failingHooks = EnumSet.noneOf(Hook.Event.class);

    /** Every agent of this pod started after this runs a hook at every event, and {@code seen} holds what ran. */
    void hookAtEveryEvent(List<String> seen) {
        Hook hook = new Hook("note", new Hook.Work.Command(List.of("/note")), Duration.ofSeconds(1));
        hooks = new HookPort() {
            @Override
            public List<Hook> at(Hook.Event event) {
                return List.of(hook);
            }

            @Override
            public Hook.Ended run(Hook.Event event, Hook ran, BooleanSupplier cancelled) {
                seen.add(event + " " + name);
                Hook.Outcome outcome = failingHooks.contains(event) ? Hook.Outcome.FAILED : Hook.Outcome.DONE;
                return new Hook.Ended(event, ran.name(), outcome, "", Duration.ZERO);
            }
        };
    }

    /** Which of this pod's postmasters runs, by a number that each start raises; 0 while none does. */
    long postmaster() {
        return supervisor.readState() instanceof Reading.Value<SupervisorState>(SupervisorState state)
                ? state.pid()
                : 0;
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

    /** Ends whatever was wrong with this pod. */
    void repair() {
        api.reachable = true;
        if (!supervisorAlive) {
            comeBack();
        } else if (!process.isAlive()) {
            restartAgent();
        }
    }

    /** A frozen agent: its process stands still, Postgres and the supervisor go on. */
    void killAgent() {
        process.kill();
    }

    /** From now on the volume is like that, until it is empty again. */
    void disk(Optional<StorageTrouble> next) {
        disk = next;
        diskMillis = cluster.time.nowMillis();
    }

    /** What the supervisor does by itself, ten times a second (R4). */
    void enforceToken() {
        if (supervisorAlive && postgres.writable() && !mayStand()) {
            postgres.crash();
        }
    }

    boolean isAgentAlive() {
        return process.isAlive();
    }

    private boolean mayStand() {
        long now = cluster.time.nowMillis();
        return token.filter(held -> held.isOfPrimary(now, "boot") && now < held.stopMillis())
                .isPresent();
    }

    boolean mayWrite(Epoch epoch) {
        return mayStand() && token.filter(held -> held.epoch().equals(epoch)).isPresent();
    }

    /** Whether clients can write here now. */
    boolean admitsWriters() {
        return postgres.writable()
                && token.filter(held -> held.admitsWritersAt(cluster.time.nowMillis(), "boot"))
                        .filter(held -> held.phase() == LeaseToken.Phase.OPEN)
                        .isPresent();
    }

    private Optional<FakePod> upstream() {
        return files.filter(PostgresSettings.Standby.class::isInstance)
                .map(PostgresSettings.Standby.class::cast)
                .flatMap(standby -> cluster.primaryAt(standby.upstream().address(), this));
    }

    /** One turn of replication: it receives what its upstream has, if it can. */
    void stream() {
        if (!postgres.up || !postgres.inRecovery) {
            return;
        }
        postgres.streaming = false;
        upstream().filter(primary -> postgres.canFollow(primary.postgres)).ifPresent(primary -> {
            postgres.streamFrom(primary.postgres);
            MemberName self = new MemberName(name, volume.data().orElseThrow());
            primary.postgres.senders.add(new DatabaseFacts.Sender(
                    self.applicationName().hashCode(),
                    self.applicationName(),
                    "streaming",
                    new org.pgpod.core.postgres.Lsn(postgres.end),
                    Optional.of(self.slotName()),
                    Long.toString(cluster.time.nowMillis())));
        });
    }

    // ---- Postgres

    @Override
    public Reading<DatabaseFacts> read(Duration timeout) {
        return postgres.up ? Reading.of(postgres.facts()) : Reading.failed("refused");
    }

    @Override
    public Reading<Boolean> answers(Duration timeout) {
        return postgres.up ? Reading.of(true) : Reading.failed("refused");
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
    public Effect populate(Duration timeout) {
        return new Effect.Unchanged();
    }

    @Override
    public Effect ensureSlots(Set<String> wanted, Duration timeout) {
        postgres.slots.addAll(wanted);
        return new Effect.Changed();
    }

    @Override
    public Reading<SlotSighting> readSlots(Duration timeout) {
        return postgres.up ? Reading.of(FakeSlots.seen(postgres.facts())) : Reading.failed("refused");
    }

    @Override
    public Effect changeSlot(SlotStep step, boolean inRecovery, Duration timeout) {
        return postgres.up && postgres.inRecovery == inRecovery
                ? FakeSlots.change(postgres.slots, step)
                : new Effect.Failed("refused");
    }

    // ---- files

    @Override
    public Effect write(PostgresSettings wanted, ServerConfiguration configuration) {
        configured = configuration;
        files = Optional.of(wanted);
        return new Effect.Changed();
    }

    @Override
    public Map<String, String> wantedParameters(DynamicConfiguration configuration) {
        return new HashMap<>(configuration.parameters());
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
    public Reading<List<String>> cloneArguments(MemberName self, org.pgpod.haagent.model.RemotePrimary remote) {
        return Reading.failed("there is no other cluster");
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
