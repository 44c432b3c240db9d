package org.pgpod.haagent.decide;

import java.util.Map;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Vote;
import org.pgpod.haagent.model.port.PodPort;

/**
 * What one decision leaves to the next. Losing it, as a restart does, costs time and never safety.
 *
 * @param digested the last action report that was taken into account
 * @param vote our vote, while the Lease is vacant at the version it names
 * @param votedMillis when that vote was known to be published; 0 before
 * @param openingMillis since when we hold the Lease without a writable server; 0 while serving
 * @param unusable whether our server may not serve in this term: it is to be stopped and the Lease given away
 * @param initialised the system id of the data directory that initdb left beside the final place
 * @param founding how far the making of a new cluster has come
 * @param rewindFailed whether rewinding the present copy has failed
 * @param cloned whether a replaced copy may still lie on the volume
 * @param copying what the making of a new copy has come to
 * @param labels the labels that were last applied, at {@code labelledMillis}
 * @param rolesMillis when the roles were last ensured; 0 before
 * @param handover the planned switchover under way
 * @param restart the restart under way
 * @param synchrony what is known of the synchronous set in effect
 * @param tenure since when our supervisor is known to run Postgres on the volume
 * @param promise what was promised to a holder that cannot reach the API
 * @param failedAction the last action if it failed, not to be repeated before {@code retryMillis}
 * @param hang whether Postgres hangs, and did before
 * @param withdrawal what was done before the present copy may be destroyed
 * @param watch since when what has been so, for decisions that wait until it lasts
 * @param cascade how streaming from another standby goes
 * @param answer what became of the last request that was answered
 */
public record Memory(
        long digested,
        Optional<Vote> vote,
        long votedMillis,
        long openingMillis,
        boolean unusable,
        Optional<SystemId> initialised,
        Founding founding,
        boolean rewindFailed,
        boolean cloned,
        Copying copying,
        Map<String, PodPort.RoleLabel> labels,
        long labelledMillis,
        long rolesMillis,
        Optional<Handover> handover,
        Optional<Restart> restart,
        SynchronousMemory synchrony,
        Optional<Tenure> tenure,
        Optional<Promise> promise,
        Optional<Action> failedAction,
        long retryMillis,
        Hang hang,
        Withdrawal withdrawal,
        Watch watch,
        Cascade cascade,
        Optional<Answer> answer) {

    /** Nothing remembered. */
    public static final Memory NONE = new Memory(
            0,
            Optional.empty(),
            0,
            0,
            false,
            Optional.empty(),
            Founding.NONE,
            false,
            false,
            Copying.NONE,
            Map.of(),
            0,
            0,
            Optional.empty(),
            Optional.empty(),
            SynchronousMemory.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            Hang.NONE,
            Withdrawal.NONE,
            Watch.NONE,
            Cascade.NONE,
            Optional.empty());

    /** The answer to one request. */
    public record Answer(String requestId, RequestAnswer answer) {}

    /** That run of the supervisor has had the volume since then: before, a pod that we replaced may have. */
    record Tenure(String instance, long sinceMillis) {}

    /** Not to freeze or vote before {@code untilMillis} while {@code holder} holds {@code epoch}. */
    record Promise(String holder, Epoch epoch, long untilMillis) {}

    /** A restart: done once another run of Postgres than {@code server} is up. */
    public record Restart(String requestId, String server) {}

    /**
     * A planned switchover.
     *
     * @param checkpointed whether the checkpoint before the stop was run, so that the stop is short
     * @param heldMillis since when clients are held; 0 before
     * @param released whether the Lease was given away
     */
    public record Handover(
            String requestId,
            String candidate,
            long startedMillis,
            boolean checkpointed,
            long heldMillis,
            boolean released) {
        Handover checkpointedNow() {
            return new Handover(requestId, candidate, startedMillis, true, heldMillis, released);
        }

        Handover heldSince(long nowMillis) {
            return new Handover(requestId, candidate, startedMillis, checkpointed, nowMillis, released);
        }

        Handover releasedNow() {
            return new Handover(requestId, candidate, startedMillis, checkpointed, heldMillis, true);
        }
    }

    public Memory {
        labels = Map.copyOf(labels);
    }

    /** A copy to change field by field. */
    MemoryChange change() {
        return new MemoryChange(this);
    }
}
