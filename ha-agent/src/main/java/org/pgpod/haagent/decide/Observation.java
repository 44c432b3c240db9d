package org.pgpod.haagent.decide;

import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LocalFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StandbyOutlook;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.VolumeState;

/**
 * Everything one decision rests on, as of one moment.
 *
 * @param nowMillis boot clock
 * @param startedMillis when this agent started
 * @param lease the leader Lease; its age is when the read was sent
 * @param term our right to write, if the leader Lease gave us one
 * @param members all members, ourselves included
 * @param published the last state of ours that the API stored
 * @param local this pod
 * @param request what a person asked for, until it is answered
 * @param inFlight the action that is being carried out
 * @param finished the last action that ended
 * @param recordUncertain whether a write of the record went unanswered, so that the Lease may hold another one than was read
 * @param standby the other cluster that this one is to follow
 */
public record Observation(
        long nowMillis,
        long startedMillis,
        OwnPod self,
        HaAgentSettings settings,
        Fact<LeaseSighting> lease,
        Optional<LeaseTerm> term,
        Fact<List<MemberSighting>> members,
        Fact<MemberStatus> published,
        LocalFacts local,
        Optional<Request> request,
        Optional<Action> inFlight,
        Optional<ActionReport> finished,
        boolean recordUncertain,
        StandbyOutlook standby) {

    /** Local facts older than this many loop intervals are no ground for an action. */
    private static final int FRESH_INTERVALS = 4;

    private static final long FRESH_MILLIS_MIN = 2_000;

    private long freshSince() {
        return nowMillis
                - Math.max(
                        FRESH_MILLIS_MIN,
                        FRESH_INTERVALS * settings.loopInterval().toMillis());
    }

    /** What the supervisor says, if it says it now. */
    public Optional<SupervisorState> supervisor() {
        return local.supervisor().since(freshSince());
    }

    /** What is on the volume, if it was read lately. */
    public Optional<VolumeState> volume() {
        return local.volume().since(freshSince());
    }

    /** What the running Postgres says, if it says it now. */
    public Optional<DatabaseFacts> database() {
        return supervisor()
                        .filter(state -> state.postgres() == SupervisorState.Postgres.UP)
                        .isPresent()
                ? local.database().since(freshSince())
                : Optional.empty();
    }

    public boolean postgresIs(SupervisorState.Postgres state) {
        return supervisor().filter(now -> now.postgres() == state).isPresent();
    }

    /** Our name in replication, once there is data. */
    public Optional<MemberName> name() {
        return volume().flatMap(VolumeState::data)
                .map(data -> new MemberName(self.holder().pod(), data));
    }

    /** Whether {@code duration} has passed since {@code sinceMillis}. */
    public boolean passed(java.time.Duration duration, long sinceMillis) {
        return nowMillis - sinceMillis >= duration.toMillis();
    }

    /**
     * Members that had shown life within the window, by our own clock, when they were last listed: who cannot be asked about
     * is not dead for it.
     */
    public List<MemberSighting> alive() {
        return switch (members) {
            case Fact.Unseen<List<MemberSighting>> ignored -> List.of();
            case Fact.Seen<List<MemberSighting>>(List<MemberSighting> listed, long listedMillis) -> {
                long since = listedMillis - settings.aliveWindow().toMillis();
                yield listed.stream().filter(member -> member.aliveSince(since)).toList();
            }
        };
    }

    /** The state of the member on {@code pod}, however old. */
    public Optional<MemberStatus> member(String pod) {
        return members.known().orElse(List.of()).stream()
                .map(MemberSighting::status)
                .filter(status -> status.pod().equals(pod))
                .findFirst();
    }
}
