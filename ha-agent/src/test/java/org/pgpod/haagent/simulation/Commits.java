package org.pgpod.haagent.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SynchronousSet;

/**
 * Synchronous replication as Postgres does it: backends wait only once the checkpointer has seen a set, each walsender goes
 * by the set it loaded with its last answer, and whoever starts anew shows everything that was written before.
 */
final class Commits {
    private final DataDirectory data;
    private final Map<Server, Walsender> senders = new HashMap<>();

    /** A stranger that bears the name of a member, as a pg_receivewal may. */
    private Optional<Walsender> impostor = Optional.empty();

    private long impostorSeenMillis;

    private SynchronousSet configured;
    private boolean waiting;
    private int pids = 100;

    /** Commits up to here are visible, and their clients were told. */
    private long released;

    Commits(DataDirectory data, PostgresSettings settings) {
        this.data = data;
        this.configured = setOf(settings);
        this.waiting = configured.waits();
        this.released = data.end;
    }

    private static SynchronousSet setOf(PostgresSettings settings) {
        return settings instanceof PostgresSettings.Primary primary ? primary.synchronous() : SynchronousSet.NONE;
    }

    void reload(PostgresSettings settings) {
        configured = setOf(settings);
    }

    /** The checkpointer's turn: now backends wait, or all that waited are let go. */
    void checkpointerTurns() {
        waiting = configured.waits();
        if (!waiting) {
            released = data.end;
        }
    }

    String standbyNames() {
        return configured.text();
    }

    /** Every set by which somebody may let commits through now. */
    List<SynchronousSet> inEffect() {
        List<SynchronousSet> sets = new ArrayList<>();
        sets.add(waiting ? configured : SynchronousSet.NONE);
        senders.values().stream().filter(Walsender::confirms).forEach(sender -> sets.add(sender.loaded));
        return sets;
    }

    void wrote() {
        if (!waiting) {
            released = data.end;
        }
    }

    /** Recovery is over: what is there is visible. */
    void opened() {
        released = data.end;
    }

    long released() {
        return Math.min(released, data.end);
    }

    /** A walsender ends with its standby. */
    void keepOnly(List<Pod> pods) {
        if (!senders.isEmpty()) {
            senders.keySet()
                    .removeIf(standby -> pods.stream()
                            .noneMatch(pod -> pod.supervisor
                                    .server
                                    .filter(standby::equals)
                                    .isPresent()));
        }
    }

    void left(Server standby) {
        senders.remove(standby);
    }

    void replied(Server standby, PostgresSettings.Standby settings) {
        Walsender sender = senders.computeIfAbsent(
                standby,
                ignored -> new Walsender(
                        ++pids,
                        settings.self().applicationName(),
                        Optional.of(settings.self().slotName()),
                        configured));
        turn(sender, standby.data.end);
    }

    /**
     * Somebody streams under the name of {@code of}, and is always up to date. What it confirms before the agent could
     * have seen it is beyond any promise (rule R10): only what it confirms from {@code seenMillis} on tells of a fault.
     */
    void impersonate(Optional<Server> of, long seenMillis) {
        impostorSeenMillis = seenMillis;
        impostor = of.map(senders::get)
                .map(real -> new Walsender(++pids, real.applicationName, Optional.empty(), configured));
    }

    void impostorReplies(long nowMillis) {
        if (nowMillis >= impostorSeenMillis) {
            impostor.ifPresent(sender -> turn(sender, data.end));
        } else {
            impostor.ifPresent(sender -> sender.load(configured));
        }
    }

    private void turn(Walsender sender, long flushed) {
        sender.reply(flushed);
        sender.load(configured);
        if (sender.confirms()) {
            confirmed(sender.loaded).ifPresent(lsn -> released = Math.max(released, lsn));
        }
    }

    private Optional<Long> confirmed(SynchronousSet set) {
        List<Long> flushed = all().stream()
                .filter(sender -> set.members().stream()
                        .anyMatch(member -> member.applicationName().equals(sender.applicationName)))
                .map(sender -> sender.flushed)
                .sorted(Comparator.reverseOrder())
                .toList();
        return set.waits() && flushed.size() >= set.required()
                ? Optional.of(flushed.get(set.required() - 1))
                : Optional.empty();
    }

    private List<Walsender> all() {
        List<Walsender> all = new ArrayList<>(senders.values());
        impostor.ifPresent(all::add);
        return all;
    }

    List<DatabaseFacts.Sender> facts() {
        return all().stream().map(Walsender::facts).toList();
    }
}
