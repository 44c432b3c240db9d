package org.pgpod.haagent.decide;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSet;

/**
 * Learns when a synchronous set is the only one in effect (rule R11). A walsender lets commits through by the set that it
 * has loaded itself, and loads at the turn of its loop: two answers seen of it prove such a turn. A backend waits at all
 * only once the checkpointer has loaded a set that asks for it: a checkpoint begun afterwards proves that.
 */
final class Settling {
    private static final int ANSWERS = 2;

    private Settling() {}

    /** Takes what is seen now into account. */
    static SynchronousMemory observe(Observation now, DatabaseFacts database, SynchronousMemory memory) {
        Optional<SynchronousSet> loaded = loaded(now);
        String server = now.supervisor().map(SupervisorState::server).orElse("");
        boolean current = now.local().database().since(memory.changedMillis()).isPresent();
        boolean inForce = loaded.filter(set -> set.text().equals(database.synchronousStandbyNames()))
                .isPresent();
        if (!inForce || !current || server.isEmpty()) {
            return memory.sighted().isEmpty() ? memory : memory.unsighted();
        }
        var seen = new SynchronousMemory.Sighted(loaded.get(), server);
        return memory.sighted().filter(seen::equals).isPresent()
                ? count(database, memory)
                : count(database, begin(seen, database, memory));
    }

    /** The set that was last written for the running server; empty when that is unknown. */
    static Optional<SynchronousSet> loaded(Observation now) {
        return now.local()
                .settings()
                .filter(PostgresSettings.Primary.class::isInstance)
                .map(PostgresSettings.Primary.class::cast)
                .map(PostgresSettings.Primary::synchronous);
    }

    private static SynchronousMemory begin(
            SynchronousMemory.Sighted seen, DatabaseFacts database, SynchronousMemory memory) {
        boolean fromTheStart = memory.started().filter(seen.set()::equals).isPresent();
        Map<Integer, SynchronousMemory.Unanswered> owed = fromTheStart
                ? Map.of()
                : database.senders().stream()
                        .filter(Settling::mayLetThrough)
                        .collect(Collectors.toMap(
                                DatabaseFacts.Sender::pid,
                                sender -> new SynchronousMemory.Unanswered(ANSWERS, sender.replyTime()),
                                (one, other) -> one));
        return memory.sighted(seen, fromTheStart, owed);
    }

    /**
     * Only a streaming walsender lets commits through, and only one whose name a set may hold. One that is not streaming yet
     * turns its loop, and loads what has changed, before it is.
     */
    private static boolean mayLetThrough(DatabaseFacts.Sender sender) {
        boolean streaming = sender.state().equals("streaming") || sender.state().equals("stopping");
        return streaming && MemberName.isApplicationName(sender.applicationName());
    }

    private static SynchronousMemory count(DatabaseFacts database, SynchronousMemory memory) {
        if (memory.sighted()
                .map(SynchronousMemory.Sighted::set)
                .filter(set -> withoutImpostors(set, database).equals(set))
                .isEmpty()) {
            // What an impostor confirms is on no voter: nothing is settled until it is out of the set.
            return memory.settledAt().isEmpty() ? memory : memory.owed(memory.unanswered(), Optional.empty());
        }
        if (memory.settledAt().isPresent()) {
            return memory;
        }
        Map<Integer, String> replies = database.senders().stream()
                .collect(Collectors.toMap(
                        DatabaseFacts.Sender::pid, DatabaseFacts.Sender::replyTime, (one, other) -> one));
        Map<Integer, SynchronousMemory.Unanswered> owed = new HashMap<>();
        memory.unanswered().forEach((pid, before) -> {
            // One that is gone lets nothing through any more.
            Optional.ofNullable(replies.get(pid))
                    .map(before::then)
                    .filter(after -> after.answers() > 0)
                    .ifPresent(after -> owed.put(pid, after));
        });
        boolean settled = owed.isEmpty() && memory.checkpointed();
        return memory.owed(owed, settled ? Optional.of(database.position()) : Optional.<Lsn>empty());
    }

    /** Walsenders that bear a member's name and stream from its slot, the name being theirs alone (rule R10). */
    static List<DatabaseFacts.Sender> genuine(DatabaseFacts database) {
        Map<String, Long> bearers = database.senders().stream()
                .collect(Collectors.groupingBy(DatabaseFacts.Sender::applicationName, Collectors.counting()));
        return database.senders().stream()
                .filter(sender -> sender.state().equals("streaming"))
                .filter(sender -> bearers.getOrDefault(sender.applicationName(), 0L) == 1)
                .filter(sender -> sender.slot()
                        .filter(sender.applicationName().replace('-', '_')::equals)
                        .isPresent())
                .toList();
    }

    static Set<String> names(DatabaseFacts database) {
        Set<String> names = new HashSet<>();
        genuine(database).forEach(sender -> names.add(sender.applicationName()));
        return names;
    }

    /** Names that another walsender bears too, or that stream from no slot or a foreign one, confirm nothing (rule R10). */
    static SynchronousSet withoutImpostors(SynchronousSet set, DatabaseFacts database) {
        Set<String> genuine = names(database);
        Set<String> borne = new HashSet<>();
        database.senders().stream()
                .filter(sender -> sender.state().equals("streaming"))
                .forEach(sender -> borne.add(sender.applicationName()));
        borne.removeAll(genuine);
        return SynchronousSet.of(
                set.required(),
                set.members().stream()
                        .filter(member -> !borne.contains(member.applicationName()))
                        .toList());
    }
}
