package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.StorageSettings;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.StorageTrouble;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;

/**
 * What a volume that is full, fails or hangs means for this member. Only a primary acts on it, as the option
 * {@code onStorageFailure} says; every other member tells of it, and does not stand for election.
 */
final class Storage {
    /** Two WAL segments of the usual size: with less, the next burst of writes ends Postgres. */
    static final long FREE_BYTES_MIN = 2 * 16L * 1_048_576;

    /** A full volume is well again only with this many times as much room, lest it alternate. */
    private static final int FREE_AGAIN = 2;

    /** Room that a failed query takes and gives back is no ground to move a primary; nor is one failed write. */
    static final Duration LASTING = Duration.ofSeconds(10);

    /** A report that is older while no probe is under way says that the probe is gone, and nothing of the volume. */
    private static final Duration STALE = Duration.ofSeconds(30);

    private static final String REQUEST = "storage-";

    private Storage() {}

    static Watch watch(Observation now, Watch before) {
        Optional<StorageTrouble> seen = now.local()
                .storage()
                .known()
                .flatMap(state -> trouble(now, state, before.trouble().equals(Optional.of(StorageTrouble.FULL))));
        return seen.equals(before.trouble()) ? before : before.withTrouble(seen, seen.isEmpty() ? 0 : now.nowMillis());
    }

    private static Optional<StorageTrouble> trouble(Observation now, StorageState state, boolean wasFull) {
        boolean underWay = state.beganMillis() != 0;
        if (underWay && now.passed(now.settings().storage().timeout(), state.beganMillis())) {
            return Optional.of(StorageTrouble.STUCK);
        }
        if (!underWay && now.passed(STALE, state.atMillis())) {
            return Optional.empty();
        }
        long wanted = wasFull ? FREE_AGAIN * FREE_BYTES_MIN : FREE_BYTES_MIN;
        boolean narrow = state.totalBytes() > 0 && state.freeBytes() < wanted;
        Optional<StorageTrouble> room = narrow ? Optional.of(StorageTrouble.FULL) : Optional.empty();
        return state.problem()
                .map(problem -> switch (problem) {
                    case ENOSPC -> Optional.of(StorageTrouble.FULL);
                    case EIO, EROFS -> Optional.of(StorageTrouble.FAILING);
                    case OTHER -> room;
                })
                .orElse(room);
    }

    /** Whether this member must not be elected. A full volume excludes only while another member has room. */
    static boolean unfit(Observation now, ClusterRecord record, Memory memory) {
        return memory.watch()
                .trouble()
                .filter(trouble -> trouble != StorageTrouble.FULL
                        || others(now, record).findAny().isPresent())
                .isPresent();
    }

    /** Living members of this cluster that may become the primary and whose own volumes are well. */
    private static Stream<MemberStatus> others(Observation now, ClusterRecord record) {
        return now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> !status.pod().equals(now.self().holder().pod()))
                .filter(status -> !status.tags().excludesFailover())
                .filter(status -> status.storage().isEmpty())
                .filter(status -> status.destroying().isEmpty())
                .filter(status -> status.systemId().equals(record.systemId()));
    }

    /** What the holder of the Lease does about its volume; empty when it goes on as ever. */
    static Optional<Step> decide(Observation now, Standing.Mine mine, Memory memory) {
        Optional<StorageTrouble> trouble = lasting(now, mine, memory);
        if (trouble.isEmpty()) {
            return Optional.empty();
        }
        return switch (now.settings().storage().onFailure()) {
            case WAIT -> Optional.empty();
            case FENCE -> Optional.of(stayStopped(now, trouble.get(), memory));
            case FAILOVER -> handOver(now, mine, trouble.get(), memory);
        };
    }

    /** A trouble that is a ground for action. A stuck write has lasted when it is called stuck. */
    private static Optional<StorageTrouble> lasting(Observation now, Standing.Mine mine, Memory memory) {
        Watch watch = memory.watch();
        boolean automatic = !mine.record().pause() && mine.record().phase() != ClusterRecord.Phase.BOOTSTRAP;
        return watch.trouble()
                .filter(trouble -> automatic)
                .filter(trouble -> trouble == StorageTrouble.STUCK || now.passed(LASTING, watch.troubleMillis()));
    }

    /** Whether Postgres is kept down for its volume, and clients with it. */
    static boolean staysStopped(Observation now, Standing.Mine mine, Memory memory) {
        return now.settings().storage().onFailure() == StorageSettings.OnFailure.FENCE
                && lasting(now, mine, memory).isPresent();
    }

    /** The Lease is kept, so that nobody takes over; the time to open begins anew once the volume is well. */
    private static Step stayStopped(Observation now, StorageTrouble trouble, Memory before) {
        Memory memory = before.change().openingMillis(0).noHandover().build();
        String detail = "storage=" + word(trouble);
        if (now.postgresIs(SupervisorState.Postgres.DOWN) || now.supervisor().isEmpty()) {
            return Step.rest(Reason.Code.BLOCKED_STORAGE, detail, memory);
        }
        SupervisorRequest.Stop how =
                stopFailed(memory) ? SupervisorRequest.Stop.KILL : SupervisorRequest.Stop.IMMEDIATE;
        return Step.act(new Action.Stop(how), Reason.Code.BLOCKED_STORAGE, detail, memory);
    }

    private static Optional<Step> handOver(Observation now, Standing.Mine mine, StorageTrouble trouble, Memory memory) {
        boolean switching =
                memory.handover().isPresent() || request(now, mine, memory).isPresent();
        if ((trouble == StorageTrouble.FULL && switching) || !hasSuccessor(now, mine)) {
            return Optional.empty();
        }
        return switch (trouble) {
            // A process that waits for the disk may not die, so the Lease is not given away: its term runs out.
            case STUCK -> Optional.of(fence(trouble, memory));
            case FULL, FAILING -> Optional.of(leave(now, mine, trouble, memory));
        };
    }

    private static Step fence(StorageTrouble trouble, Memory memory) {
        return Step.act(new Action.Fence(), codeOf(trouble), "fence", memory);
    }

    private static boolean stopFailed(Memory memory) {
        return memory.failedAction().filter(Action.Stop.class::isInstance).isPresent();
    }

    private static Step leave(Observation now, Standing.Mine mine, StorageTrouble trouble, Memory memory) {
        if (stopFailed(memory)) {
            return fence(trouble, memory);
        }
        Step step = Leadership.giveUp(now, mine, memory.change().noHandover().build());
        return Step.act(step.action(), codeOf(trouble), "leave", step.memory());
    }

    /** Whether others can elect one of them without us: in synchronous mode that takes the votes of recorded voters. */
    static boolean hasSuccessor(Observation now, Standing.Mine mine) {
        List<MemberStatus> able = others(now, mine.record())
                .filter(status -> lag(now, mine, status) <= now.settings().maximumLagOnFailover())
                .toList();
        if (mine.record().mode() == ClusterRecord.Mode.ASYNC) {
            return !able.isEmpty();
        }
        long voters = able.stream()
                .flatMap(status -> status.name().stream())
                .filter(mine.record().voters()::contains)
                .count();
        return voters >= mine.record().promise().votesNeeded();
    }

    /** By our own count while Postgres answers, else against what we recorded, as an election will count it. */
    private static long lag(Observation now, Standing.Mine mine, MemberStatus status) {
        return now.database()
                .flatMap(database -> Switchover.lag(database, status))
                .orElseGet(() -> mine.record().lsn().minus(status.position()));
    }

    /** An ordinary switchover away from a full volume, once in each spell, while Postgres can still carry it out. */
    static Optional<Request.Switchover> request(Observation now, Standing.Mine mine, Memory memory) {
        String id = REQUEST + memory.watch().troubleMillis();
        boolean answered =
                memory.answer().filter(answer -> answer.requestId().equals(id)).isPresent();
        boolean serving = now.database().filter(facts -> !facts.inRecovery()).isPresent()
                && mine.record().phase() == ClusterRecord.Phase.PRIMARY;
        return lasting(now, mine, memory)
                .filter(trouble -> trouble == StorageTrouble.FULL && serving && !answered)
                .filter(trouble -> now.settings().storage().onFailure() == StorageSettings.OnFailure.FAILOVER)
                .filter(trouble -> hasStreamingSuccessor(now, mine))
                .map(trouble -> new Request.Switchover(id, Optional.empty()));
    }

    private static boolean hasStreamingSuccessor(Observation now, Standing.Mine mine) {
        Optional<DatabaseFacts> database = now.database();
        return others(now, mine.record())
                .anyMatch(status -> database.flatMap(facts -> Switchover.lag(facts, status))
                        .filter(bytes -> bytes <= now.settings().maximumLagOnFailover())
                        .isPresent());
    }

    /** A member with a failing volume says so whenever it has nothing else to do. */
    static Step tell(Observation now, Standing standing, Step step) {
        Optional<StorageTrouble> trouble = step.memory().watch().trouble();
        if (trouble.isEmpty()
                || !(step.action() instanceof Action.Nothing)
                || step.reason().blocked()) {
            return step;
        }
        boolean nobody = standing instanceof Standing.Mine mine
                && now.settings().storage().onFailure() == StorageSettings.OnFailure.FAILOVER
                && !hasSuccessor(now, mine);
        String detail = "while=" + step.reason().code() + (nobody ? " successor=none" : "");
        return Step.rest(codeOf(trouble.get()), detail, step.memory());
    }

    private static Reason.Code codeOf(StorageTrouble trouble) {
        return switch (trouble) {
            case FULL -> Reason.Code.STORAGE_FULL;
            case FAILING -> Reason.Code.STORAGE_FAILING;
            case STUCK -> Reason.Code.STORAGE_STUCK;
        };
    }

    private static String word(StorageTrouble trouble) {
        return trouble.name().toLowerCase(java.util.Locale.ROOT);
    }
}
