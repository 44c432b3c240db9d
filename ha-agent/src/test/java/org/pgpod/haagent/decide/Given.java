package org.pgpod.haagent.decide;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ClusterRecordChange;
import org.pgpod.haagent.model.Contact;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.LocalFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PodOutlook;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StandbyOutlook;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.TimelineHistory;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.Vote;
import org.pgpod.haagent.model.port.PodPort;

/**
 * What is given before a decision: demo-1 of three, a streaming standby of demo-0 in epoch 5 on timeline 2, unless a test
 * says otherwise.
 */
final class Given {
    static final long NOW = 1_000_000;
    static final String VERSION = "81234";
    static final SystemId SYSTEM = new SystemId("7311");
    static final DataId OWN = new DataId("000000b1");
    static final MemberName SELF = new MemberName("demo-1", OWN);
    static final Lsn END = Lsn.parse("0/5000000");
    static final Upstream PRIMARY = new Upstream("demo-0", "10.0.0.1", 5432);
    static final Lsn FORK = Lsn.parse("0/3000000");
    static final TimelineHistory LINE = new TimelineHistory(List.of(
            new TimelineHistory.Entry(new Epoch(1), new Timeline(1), Lsn.parse("0/1000000")),
            new TimelineHistory.Entry(new Epoch(5), new Timeline(2), FORK)));

    Tags tags = Tags.NONE;
    PodOutlook outlook = PodOutlook.CALM;
    HaAgentSettings settings = HaAgentSettings.of(LeaseTimings.Preset.FAST.timings());
    String holder = "demo-0/u0";
    Parsed<ClusterRecord> parsed = new Parsed.Malformed<>("not set");
    ClusterRecord record = ClusterRecord.first(new Epoch(5))
            .change()
            .phase(ClusterRecord.Phase.PRIMARY)
            .systemId(SYSTEM)
            .data(new DataId("000000a0"))
            .timeline(new Timeline(2))
            .history(LINE)
            .lsn(END)
            .build();
    long changedMillis = NOW - 500;
    long readMillis = NOW - 100;
    boolean leaseExists = true;
    boolean leaseSeen = true;
    Optional<LeaseTerm> term = Optional.empty();
    List<MemberSighting> members = new ArrayList<>();
    boolean membersSeen = true;
    long listedMillis = NOW - 200;
    SupervisorState.Postgres postgres = SupervisorState.Postgres.UP;
    SupervisorState.Mode mode = SupervisorState.Mode.STANDBY;
    Optional<String> job = Optional.empty();
    long exit;
    boolean supervisorSeen = true;
    VolumeState volume = new VolumeState(
            Optional.of(OWN),
            Optional.of(SYSTEM),
            new Epoch(5),
            Optional.of(new Timeline(2)),
            Optional.empty(),
            Optional.empty());
    DatabaseFacts database = standby(2, END, DatabaseFacts.Receiver.STREAMING, false);
    boolean databaseSeen = true;
    Optional<ControlData> control = Optional.empty();
    Optional<LeaseToken> token = Optional.empty();
    Optional<PostgresSettings> loaded = Optional.of(new PostgresSettings.Standby(SELF, PRIMARY));
    Optional<StorageState> storage = Optional.empty();
    Optional<Contact> contact = Optional.empty();
    Optional<Request> request = Optional.empty();
    Optional<MemberStatus> published = Optional.empty();
    Optional<ActionReport> finished = Optional.empty();
    Memory memory =
            Memory.NONE.change().tenure(new Memory.Tenure("i", NOW - 600_000)).build();
    boolean recordUncertain;
    StandbyOutlook standby = StandbyOutlook.NONE;
    long startedMillis = NOW - 600_000;

    Given() {
        members.add(member("demo-0", 0, END, Optional.empty()));
        members.add(member("demo-1", 1, END, Optional.empty()));
        members.add(member("demo-2", 2, END, Optional.empty()));
        parsed = new Parsed.Valid<>(record);
    }

    static DatabaseFacts standby(int timeline, Lsn end, DatabaseFacts.Receiver receiver, boolean detached) {
        return database(true, timeline, end, receiver, detached, 2);
    }

    static DatabaseFacts primary(int timeline, Lsn end) {
        return database(false, timeline, end, DatabaseFacts.Receiver.NONE, false, timeline);
    }

    private static DatabaseFacts database(
            boolean inRecovery,
            int timeline,
            Lsn end,
            DatabaseFacts.Receiver receiver,
            boolean detached,
            int checkpoint) {
        return new DatabaseFacts(
                SYSTEM,
                inRecovery,
                new Timeline(timeline),
                timeline == 2 ? Optional.of(FORK) : timeline == 3 ? Optional.of(END) : Optional.empty(),
                inRecovery ? end : Lsn.ZERO,
                end,
                true,
                receiver,
                detached,
                inRecovery ? List.of() : List.of(sender("demo-0_000000b0", end), sender("demo-2_000000b2", end)),
                inRecovery ? Set.of() : Set.of("demo_0_000000b0", "demo_2_000000b2"),
                new Timeline(checkpoint),
                Optional.of(FORK),
                "",
                true,
                false,
                "15.20");
    }

    static DatabaseFacts.Sender sender(String name, Lsn flushed) {
        return new DatabaseFacts.Sender(
                name.hashCode(), name, "streaming", flushed, Optional.of(name.replace('-', '_')), "t");
    }

    static MemberSighting member(String pod, int number, Lsn end, Optional<Vote> vote) {
        MemberStatus status = new MemberStatus(
                pod,
                "u" + number,
                Optional.of(new DataId("000000b" + number)),
                Optional.of(SYSTEM),
                "10.0.0." + (number + 1),
                5432,
                8008,
                "n" + number,
                "z",
                Tags.NONE,
                MemberStatus.State.RUNNING,
                MemberStatus.Role.STANDBY,
                new Epoch(5),
                Optional.of(new Timeline(2)),
                LINE,
                end,
                end,
                true,
                vote,
                Optional.of(new Timeline(2)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "15.20",
                "0.1");
        return new MemberSighting(status, "1", NOW - 1_000);
    }

    static Vote vote(Lsn end) {
        return new Vote(VERSION, new Epoch(5), new Timeline(2), end);
    }

    Given record(UnaryOperator<ClusterRecordChange> change) {
        record = change.apply(record.change()).build();
        parsed = new Parsed.Valid<>(record);
        return this;
    }

    /** The Lease of the other holder ran out, and was read again afterwards. */
    Given expired() {
        changedMillis = NOW - settings.timings().leaseDuration().toMillis() - 1_000;
        readMillis = NOW - 100;
        return this;
    }

    Given released(Lsn at, Optional<String> prefer) {
        holder = "";
        changedMillis = NOW - 100;
        database = standby(2, END, DatabaseFacts.Receiver.NONE, false);
        return record(next ->
                next.phase(ClusterRecord.Phase.RELEASED).clean(true).lsn(at).prefer(prefer));
    }

    /** Frozen for the vacant Lease, voted, and the vote known to be published since {@code sinceMillis}. */
    Given voted(Lsn end, Duration ago) {
        loaded = Optional.of(new PostgresSettings.Detached(SELF));
        database = standby(2, end, DatabaseFacts.Receiver.NONE, true);
        volume = frozen(Optional.of(VERSION));
        memory = memory.change()
                .vote(vote(end))
                .votedMillis(NOW - ago.toMillis())
                .build();
        return this;
    }

    VolumeState frozen(Optional<String> version) {
        return new VolumeState(
                volume.data(), volume.systemId(), volume.epoch(), volume.timeline(), version, volume.destroying());
    }

    Given voteOf(int number, Lsn end) {
        members.set(number, member("demo-" + number, number, end, Optional.of(vote(end))));
        return this;
    }

    Given silent(int number) {
        MemberSighting before = members.get(number);
        members.set(number, new MemberSighting(before.status(), before.resourceVersion(), NOW - 30_000));
        return this;
    }

    Given tagged(int number, Map<String, String> text) {
        changed(number, json -> text.forEach(json.putObject("tags")::put));
        if (number == 1) {
            tags = new Tags(text);
        }
        return this;
    }

    /** We hold the Lease in the record's epoch, renewed a moment ago. */
    Given mine() {
        holder = "demo-1/u1";
        record(next -> next.data(OWN));
        term = Optional.of(termOf(record.epoch(), NOW - 500));
        mode = SupervisorState.Mode.PRIMARY;
        database = primary(2, END);
        loaded = Optional.of(new PostgresSettings.Primary(SELF, SynchronousSet.NONE));
        memory = memory.change()
                .rolesMillis(NOW - 1_000)
                .labels(
                        Map.of(
                                "demo-0", PodPort.RoleLabel.REPLICA,
                                "demo-1", PodPort.RoleLabel.PRIMARY,
                                "demo-2", PodPort.RoleLabel.REPLICA),
                        NOW - 1_000)
                .build();
        return this;
    }

    LeaseTerm termOf(Epoch epoch, long sentMillis) {
        LeaseView stored = new LeaseView(
                holder, epoch, "t", settings.timings().leaseDuration(), VERSION, new Parsed.Valid<>(record));
        return LeaseTerm.granted(new LeasePut.Accepted(stored), sentMillis, settings.timings());
    }

    Given down() {
        postgres = SupervisorState.Postgres.DOWN;
        mode = SupervisorState.Mode.NONE;
        databaseSeen = false;
        return this;
    }

    Given control(String state, int timeline, Lsn checkpoint, Lsn recoveryEnd) {
        control = Optional.of(
                new ControlData(SYSTEM, state, checkpoint, new Timeline(timeline), Optional.empty(), recoveryEnd));
        return this;
    }

    Given emptyVolume() {
        volume = VolumeState.EMPTY;
        members.set(1, new MemberSighting(bare(members.get(1).status()), "1", NOW - 1_000));
        loaded = Optional.empty();
        return down();
    }

    static MemberStatus bare(MemberStatus status) {
        return Changed.status(status, json -> json.putNull("data").putNull("systemId"));
    }

    Given changed(int number, Consumer<ObjectNode> change) {
        members.set(number, Changed.member(members.get(number), change));
        return this;
    }

    Given asked(Request wanted) {
        request = Optional.of(wanted);
        return this;
    }

    Decision decide() {
        return Decider.decide(observation(), memory);
    }

    Observation observation() {
        LeaseView view =
                new LeaseView(holder, record.epoch(), "t", settings.timings().leaseDuration(), VERSION, parsed);
        LeaseSighting sighting = new LeaseSighting(leaseExists ? Optional.of(view) : Optional.empty(), changedMillis);
        SupervisorState supervisor = new SupervisorState(
                "boot",
                "i",
                NOW - 100,
                postgres,
                mode,
                postgres == SupervisorState.Postgres.DOWN ? 0 : 7,
                exit,
                0,
                job,
                volume.data());
        LocalFacts local = new LocalFacts(
                supervisorSeen ? Fact.seen(supervisor, NOW - 100) : Fact.unseen("silent"),
                Fact.seen(volume, NOW - 100),
                databaseSeen ? Fact.seen(database, NOW - 100) : Fact.unseen("down"),
                control.map(facts -> Fact.seen(facts, NOW - 100)).orElseGet(() -> Fact.unseen("not read")),
                Fact.unseen("no proxy"),
                token,
                loaded,
                Optional.empty(),
                storage.map(state -> Fact.seen(state, NOW - 100)).orElseGet(() -> Fact.unseen("no probe")),
                Optional.empty(),
                contact);
        return new Observation(
                NOW,
                startedMillis,
                new OwnPod("demo", new Holder("demo-1", "u1"), "10.0.0.2", 5432, 8008, "n1", "z", tags, "0.1")
                        .with(outlook),
                settings,
                leaseSeen ? Fact.seen(sighting, readMillis) : Fact.unseen("unreachable"),
                term,
                membersSeen ? Fact.seen(members, listedMillis) : Fact.unseen("unreachable"),
                published.map(status -> Fact.seen(status, NOW - 200)).orElseGet(() -> Fact.unseen("never")),
                local,
                request,
                Optional.empty(),
                finished,
                recordUncertain,
                standby);
    }
}
