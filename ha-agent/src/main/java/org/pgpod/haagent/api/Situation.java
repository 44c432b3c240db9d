package org.pgpod.haagent.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.client.AgentAddresses;
import org.pgpod.haagent.decide.Decision;
import org.pgpod.haagent.decide.Reason;
import org.pgpod.haagent.loop.AgentLoop;
import org.pgpod.haagent.loop.Facts;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.ServerReport;
import org.pgpod.haagent.model.SlotReport;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.StorageTrouble;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.port.TokenPort;

/**
 * All that an answer rests on, as of one request. The token is read at that moment: whatever the loop believes, an agent
 * whose token has ended does not call its Postgres the primary.
 */
public record Situation(
        long nowMillis,
        String bootId,
        OwnPod self,
        HaAgentSettings settings,
        Facts facts,
        Optional<Decision> decision,
        Optional<LeaseToken> token,
        ServerReport report,
        SortedMap<String, ServerReport.Change> heldBack,
        AgentAddresses addresses,
        List<Hook.Ended> hooks,
        SlotReport slots) {

    /** Local facts are read twice a second; older ones say nothing of now. */
    private static final long FRESH_MILLIS = 5_000;

    private static final Duration STUCK = Duration.ofSeconds(30);

    /** Makes situations. */
    public record Source(
            BootClock clock,
            OwnPod self,
            HaAgentSettings settings,
            AgentLoop loop,
            TokenPort token,
            Supplier<Instant> wallClock,
            AgentAddresses addresses) {
        public Situation now() {
            Facts facts = loop.facts();
            return new Situation(
                    clock.nowMillis(),
                    clock.bootId(),
                    self,
                    facts.settings(settings),
                    facts,
                    loop.lastDecision(),
                    token.read(),
                    loop.report(),
                    loop.heldBack(),
                    addresses,
                    loop.hooks().recent(),
                    loop.slots());
        }
    }

    /** Whether clients may write here now. */
    public boolean isPrimary() {
        return holdsLock() && phaseAdmitsClients();
    }

    private boolean phaseAdmitsClients() {
        return token.filter(now -> now.phase() == LeaseToken.Phase.OPEN || now.phase() == LeaseToken.Phase.HOLD)
                .isPresent();
    }

    /** Whether this pod has the right to write now, even if it lets no clients in yet. */
    public boolean holdsLock() {
        return token.filter(now -> now.admitsWritersAt(nowMillis, bootId)).isPresent();
    }

    /** Whether this member leads a cluster that follows another one, and its standby answers. */
    public boolean isStandbyLeader() {
        boolean leads = record().filter(record -> record.phase() == ClusterRecord.Phase.STANDBY)
                .isPresent();
        return leads
                && facts.term().filter(term -> term.openAt(nowMillis)).isPresent()
                && database().filter(DatabaseFacts::inRecovery).isPresent();
    }

    /** Whether a standby runs here and answers. */
    public boolean isReplica() {
        return database().filter(DatabaseFacts::inRecovery).isPresent();
    }

    public boolean isStreaming() {
        return database()
                .filter(now -> now.inRecovery() && now.receiver() == DatabaseFacts.Receiver.STREAMING)
                .isPresent();
    }

    /** Whether a standby that is never to stream runs here, and is on the cluster's line. */
    private boolean isFedByArchive() {
        return isReplica()
                && decision.filter(last -> last.reason().code() == Reason.Code.FOLLOW_ARCHIVE)
                        .isPresent();
    }

    public Optional<SupervisorState> supervisor() {
        return facts.local().supervisor().since(nowMillis - FRESH_MILLIS);
    }

    public Optional<DatabaseFacts> database() {
        boolean up = supervisor()
                .filter(state -> state.postgres() == SupervisorState.Postgres.UP)
                .isPresent();
        return up ? facts.local().database().since(nowMillis - FRESH_MILLIS) : Optional.empty();
    }

    /** How the volume's probe went, if it still runs. */
    public Optional<StorageState> storage() {
        return facts.local()
                .storage()
                .known()
                .filter(state -> state.beganMillis() != 0 || state.atMillis() >= nowMillis - STUCK.toMillis());
    }

    /** What is wrong with the volume, by the last decision. */
    public Optional<StorageTrouble> storageTrouble() {
        return decision.flatMap(last -> last.status().storage());
    }

    public Optional<LeaseView> lease() {
        return facts.lease().known().flatMap(LeaseSighting::view);
    }

    public Optional<ClusterRecord> record() {
        return lease().map(LeaseView::record).flatMap(Parsed::valid);
    }

    /** Members as far as the API told, in the order of their names. */
    public List<MemberStatus> members() {
        return facts.members().known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .sorted(Comparator.comparing(MemberStatus::pod))
                .toList();
    }

    /** The member that holds the Lease and serves, as far as this pod knows. */
    public Optional<MemberStatus> leader() {
        Optional<String> pod = lease().filter(
                        view -> record().filter(ClusterRecord::isServing).isPresent())
                .flatMap(LeaseView::holder)
                .map(Holder::pod);
        return members().stream()
                .filter(member -> pod.filter(member.pod()::equals).isPresent())
                .findFirst();
    }

    /** How many bytes {@code position} is behind what the primary last recorded; 0 when it is ahead of that. */
    public Optional<Long> lagBytes(Lsn position) {
        return record().map(known -> Math.max(0, known.lsn().minus(position)));
    }

    /** How many bytes of WAL this standby has yet to receive; empty while that is unknown. */
    public Optional<Long> receivedLagBytes() {
        return database().flatMap(now -> lagBytes(now.received()));
    }

    /** Whether this member is one of those that confirm synchronous commits. */
    public boolean isVoter() {
        return record().filter(known -> known.mode() == ClusterRecord.Mode.SYNC).stream()
                .flatMap(known -> known.voters().stream())
                .anyMatch(voter -> voter.pod().equals(self.holder().pod()));
    }

    /** Whether synchronous commits need only some of the voters. */
    public boolean isQuorum() {
        return record().filter(known -> known.mode() == ClusterRecord.Mode.SYNC)
                .filter(known -> settings.synchronous().mode() == SynchronousSettings.Mode.QUORUM)
                .isPresent();
    }

    public boolean pendingRestart() {
        return !report.pending().isEmpty()
                || database().filter(DatabaseFacts::pendingRestart).isPresent();
    }

    /** How many bytes of WAL this standby has yet to replay; empty while that is unknown. */
    public Optional<Long> ownLagBytes() {
        return database().flatMap(now -> lagBytes(now.replayed()));
    }

    public String reason() {
        return decision.map(last -> last.reason().toString()).orElse("STARTING");
    }

    /** Lanes that no longer read are stuck; a new process would help. */
    public Health health() {
        long oldest = nowMillis
                - Math.max(
                        STUCK.toMillis(), 2 * settings.timings().leaseDuration().toMillis());
        boolean live = !(facts.local().supervisor() instanceof Fact.Seen<SupervisorState>(var ignored, long at))
                || at >= oldest;
        boolean ready = isPrimary() || isStreaming() || isFedByArchive();
        return new Health(live, ready, Map.of("role", role(), "reason", reason()));
    }

    /** {@code primary}, {@code standby_leader}, {@code standby} or {@code none}. */
    public String role() {
        if (isPrimary()) {
            return "primary";
        }
        if (isStandbyLeader()) {
            return "standby_leader";
        }
        return isReplica() ? "standby" : "none";
    }
}
