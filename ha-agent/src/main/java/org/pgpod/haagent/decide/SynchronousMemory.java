package org.pgpod.haagent.decide;

import java.util.Map;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.SynchronousSet;

/**
 * What the holder knows of the synchronous set in effect, from what it saw itself. Forgetting it costs time and never
 * safety: whatever is not known to be settled counts as unsettled.
 *
 * @param openedServer the run of Postgres that clients were let into; empty before
 * @param started the set that our last start of a primary gave to all of its processes, until it is seen in force
 * @param sighted the set that was seen in force; empty while none was since the last change
 * @param changedMillis when settings were last changed: facts from before say nothing of them
 * @param waitingServer the run of Postgres whose backends are known to wait for whatever set there is; empty for none
 * @param unanswered walsenders that may still go by an earlier set, by pid
 * @param settledAt an end of WAL that lies after the moment from which {@code sighted} alone was in effect
 * @param missingSince since when voters do not stream
 */
record SynchronousMemory(
        String openedServer,
        Optional<SynchronousSet> started,
        Optional<Sighted> sighted,
        long changedMillis,
        String waitingServer,
        Map<Integer, Unanswered> unanswered,
        Optional<Lsn> settledAt,
        Map<MemberName, Long> missingSince) {

    /** Nothing known. */
    static final SynchronousMemory NONE =
            new SynchronousMemory("", Optional.empty(), Optional.empty(), 0, "", Map.of(), Optional.empty(), Map.of());

    /** A set in force in one run of Postgres. */
    record Sighted(SynchronousSet set, String server) {}

    /** How many more answers a walsender owes, and the last one that was seen of it. */
    record Unanswered(int answers, String replyTime) {
        Unanswered then(String reply) {
            return reply.equals(replyTime) ? this : new Unanswered(answers - 1, reply);
        }
    }

    SynchronousMemory {
        unanswered = Map.copyOf(unanswered);
        missingSince = Map.copyOf(missingSince);
    }

    /** Whether backends are known to wait, if the set wants them to. */
    boolean checkpointed() {
        return sighted.filter(seen -> !seen.set().waits() || seen.server().equals(waitingServer))
                .isPresent();
    }

    /**
     * Settings were, or may have been, changed: whatever was settled may no longer be all. Backends go on waiting only if
     * the set that was written says so too.
     */
    SynchronousMemory changed(Optional<SynchronousSet> written, long nowMillis) {
        String stillWaiting = written.filter(SynchronousSet::waits).isPresent() ? waitingServer : "";
        return new SynchronousMemory(
                openedServer,
                Optional.empty(),
                Optional.empty(),
                nowMillis,
                stillWaiting,
                Map.of(),
                Optional.empty(),
                missingSince);
    }

    /** The set is not in force for now, while it is being changed; what was written will be told by the end of that. */
    SynchronousMemory unsighted() {
        return new SynchronousMemory(
                openedServer,
                Optional.empty(),
                Optional.empty(),
                changedMillis,
                waitingServer,
                Map.of(),
                Optional.empty(),
                missingSince);
    }

    /** A server was started with {@code set}: none of its processes ever had another. */
    SynchronousMemory startedWith(SynchronousSet set, long nowMillis) {
        return new SynchronousMemory(
                openedServer,
                Optional.of(set),
                Optional.empty(),
                nowMillis,
                "",
                Map.of(),
                Optional.empty(),
                missingSince);
    }

    /** {@code fromTheStart} tells that the server of {@code seen} was started with its set. */
    SynchronousMemory sighted(Sighted seen, boolean fromTheStart, Map<Integer, Unanswered> owed) {
        return new SynchronousMemory(
                openedServer,
                Optional.empty(),
                Optional.of(seen),
                changedMillis,
                fromTheStart && seen.set().waits() ? seen.server() : waitingServer,
                owed,
                Optional.empty(),
                missingSince);
    }

    /** A checkpoint ended that began after the set was seen in force. */
    SynchronousMemory afterCheckpoint() {
        String waiting =
                sighted.filter(seen -> seen.set().waits()).map(Sighted::server).orElse(waitingServer);
        return new SynchronousMemory(
                openedServer, started, sighted, changedMillis, waiting, unanswered, settledAt, missingSince);
    }

    SynchronousMemory owed(Map<Integer, Unanswered> next, Optional<Lsn> settled) {
        return new SynchronousMemory(
                openedServer, started, sighted, changedMillis, waitingServer, next, settled, missingSince);
    }

    SynchronousMemory opened(String server) {
        return new SynchronousMemory(
                server, started, sighted, changedMillis, waitingServer, unanswered, settledAt, missingSince);
    }

    SynchronousMemory missing(Map<MemberName, Long> next) {
        return new SynchronousMemory(
                openedServer, started, sighted, changedMillis, waitingServer, unanswered, settledAt, next);
    }
}
