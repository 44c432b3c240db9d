package org.pgpod.haagent.decide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Voters;

/**
 * What the holder does about synchronous replication: which set Postgres runs with, when the recorded voters may change,
 * and when clients may come in (rules R10, R11 and R18). Every step is derived anew from the record, the set in effect and
 * the standbys that stream; whatever order they come in, each set that may be in effect keeps the recorded promise.
 */
final class Synchrony {
    /** How long a voter may be away before another takes its place: a restart of a standby is no reason to change. */
    private static final long MISSING_MILLIS = 2_000;

    /** A standby further behind than one segment of WAL would make commits wait for it. */
    private static final long RECRUIT_LAG_BYTES = 16L << 20;

    private Synchrony() {}

    /** What is promised, and how the record calls it. */
    private record Promise(Voters voters, ClusterRecord.Mode mode, boolean strict) {
        static Promise of(ClusterRecord record) {
            return new Promise(record.promise(), record.mode(), record.strict());
        }

        /** The set for as long as this is the promise. */
        SynchronousSet set(MemberName holder) {
            boolean alone = mode == ClusterRecord.Mode.SYNC && strict && voters.w() == 0;
            // In strict mode nothing is acknowledged before there is somebody to confirm it.
            return alone ? new SynchronousSet(1, List.of()) : voters.leastSet(holder);
        }
    }

    /** The set with which the holder's server starts and is promoted: the record as it is must be kept from the first commit. */
    static SynchronousSet startSet(ClusterRecord record, MemberName holder) {
        return Promise.of(record).set(holder);
    }

    /** Takes what is seen of a writable server into account. */
    static Memory observe(Observation now, Standing.Mine mine, MemberName self, DatabaseFacts database, Memory memory) {
        SynchronousMemory before = memory.synchrony();
        SynchronousMemory seen =
                missing(now, mine.record(), database, Settling.observe(now, database, inherit(now, mine, before)));
        String server = now.supervisor().map(SupervisorState::server).orElse("");
        boolean reached = seen.settledAt()
                .filter(end -> holding(mine.record().promise(), end, self, database)
                        >= mine.record().w())
                .isPresent();
        SynchronousMemory after = reached && !seen.openedServer().equals(server) ? seen.opened(server) : seen;
        return after.equals(before) ? memory : memory.change().synchrony(after).build();
    }

    /** An agent that restarts takes over from its token that clients were let into the server that it finds. */
    private static SynchronousMemory inherit(Observation now, Standing.Mine mine, SynchronousMemory memory) {
        boolean open = memory.equals(SynchronousMemory.NONE)
                && now.local()
                        .token()
                        .filter(token ->
                                token.phase() == LeaseToken.Phase.OPEN || token.phase() == LeaseToken.Phase.HOLD)
                        .filter(token -> token.role() == LeaseToken.Role.PRIMARY)
                        .filter(token -> token.epoch().equals(mine.term().epoch()))
                        .isPresent();
        return open
                ? memory.opened(now.supervisor().map(SupervisorState::server).orElse(""))
                : memory;
    }

    private static SynchronousMemory missing(
            Observation now, ClusterRecord record, DatabaseFacts database, SynchronousMemory memory) {
        Set<String> streaming = Settling.names(database);
        Map<MemberName, Long> missing = new HashMap<>();
        for (MemberName voter : record.voters()) {
            if (!streaming.contains(voter.applicationName())) {
                missing.put(voter, memory.missingSince().getOrDefault(voter, now.nowMillis()));
            }
        }
        return missing.equals(memory.missingSince()) ? memory : memory.missing(missing);
    }

    /** Whether clients may come in: everything that they could read is on as many voters as was promised. */
    static boolean open(Observation now, ClusterRecord record, Memory memory) {
        if (record.w() == 0) {
            return true;
        }
        String server = now.supervisor().map(SupervisorState::server).orElse("");
        return !server.isEmpty() && memory.synchrony().openedServer().equals(server);
    }

    /** How many of the voters are known to have all WAL up to {@code end}; the holder itself has it. */
    private static int holding(Voters voters, Lsn end, MemberName self, DatabaseFacts database) {
        Set<String> have = new HashSet<>();
        Settling.genuine(database).stream()
                .filter(sender -> sender.flushed().isAtLeast(end))
                .forEach(sender -> have.add(sender.applicationName()));
        return (int) voters.members().stream()
                .filter(voter -> voter.equals(self) || have.contains(voter.applicationName()))
                .count();
    }

    /** Whether somebody who is no voter may confirm commits in a voter's name, or the set is not what the record needs. */
    static boolean endangered(Observation now, Standing.Mine mine, MemberName self, DatabaseFacts database) {
        return Settling.loaded(now)
                .filter(set -> !Settling.withoutImpostors(set, database).equals(set)
                        || !mine.record().promise().keptBy(set, self))
                .isPresent();
    }

    /** The set that Postgres should run with now. */
    static SynchronousSet wantedSet(
            Observation now, Standing.Mine mine, MemberName self, DatabaseFacts database, Memory memory) {
        ClusterRecord record = mine.record();
        SynchronousSet current = Settling.loaded(now).orElseGet(() -> startSet(record, self));
        SynchronousSet pruned = Settling.withoutImpostors(current, database);
        if (!pruned.equals(current) || !record.promise().keptBy(pruned, self)) {
            return record.promise().keptBy(pruned, self) ? pruned : startSet(record, self);
        }
        if (now.recordUncertain()) {
            // It keeps whichever of the records the Lease may hold; another one need not.
            return current;
        }
        Promise target = target(now, record, self, database, memory);
        if (target.equals(Promise.of(record))) {
            return Settling.withoutImpostors(target.set(self), database);
        }
        return target.voters().keptBy(current, self)
                ? current
                : Settling.withoutImpostors(record.promise().bridge(target.voters(), self), database);
    }

    /** The next step towards the wanted promise; empty when there is none to take, or it has to be waited for. */
    static Optional<Step> next(
            Observation now, Standing.Mine mine, MemberName self, DatabaseFacts database, Memory memory) {
        ClusterRecord record = mine.record();
        SynchronousMemory synchrony = memory.synchrony();
        if (synchrony.sighted().isPresent() && !synchrony.checkpointed()) {
            return Optional.of(Step.act(new Action.Checkpoint(), Reason.Code.SYNC_CHECKPOINT, memory));
        }
        Promise target = target(now, record, self, database, memory);
        boolean same = target.voters().equals(record.promise());
        if (target.equals(Promise.of(record))) {
            return Optional.empty();
        }
        boolean proved = same || proved(target.voters(), self, database, synchrony);
        return proved
                ? Optional.of(Step.act(
                        new Action.WriteRecord(record.change()
                                .mode(target.mode(), target.strict())
                                .promise(target.voters())
                                .build()),
                        Reason.Code.SYNC_RECORD,
                        "voters=" + target.voters().members() + " w="
                                + target.voters().w(),
                        memory))
                : Optional.empty();
    }

    /** Both conditions of rule R11: what is acknowledged from now on, and what was before, is on enough of the voters. */
    private static boolean proved(Voters voters, MemberName self, DatabaseFacts database, SynchronousMemory synchrony) {
        return synchrony.settledAt().isPresent()
                && synchrony
                        .sighted()
                        .filter(seen -> voters.keptBy(seen.set(), self))
                        .isPresent()
                && holding(voters, synchrony.settledAt().get(), self, database) >= voters.w();
    }

    private static Promise target(
            Observation now, ClusterRecord record, MemberName self, DatabaseFacts database, Memory memory) {
        SynchronousSettings wanted = now.settings().synchronous();
        if (wanted.mode() == SynchronousSettings.Mode.OFF) {
            return new Promise(Voters.NONE, ClusterRecord.Mode.ASYNC, false);
        }
        List<MemberName> voters = voters(now, record, self, database, memory);
        Promise target = new Promise(
                new Voters(voters, Math.min(wanted.nodeCount(), voters.size())),
                ClusterRecord.Mode.SYNC,
                wanted.strict());
        // In strict mode the last voters stay recorded until others can take their place, and commits wait. One that
        // must
        // be mended waits for us in turn: it is let go, and then only we can be elected until another one has
        // everything.
        boolean mendable = record.voters().stream()
                .allMatch(voter -> now.member(voter.pod())
                        .filter(Withdrawal::isAnnouncedBy)
                        .isPresent());
        return voters.isEmpty() && wanted.strict() && !mendable
                ? new Promise(record.promise(), ClusterRecord.Mode.SYNC, true)
                : target;
    }

    /** Those who are voters stay; others fill up, spread over zones. */
    private static List<MemberName> voters(
            Observation now, ClusterRecord record, MemberName self, DatabaseFacts database, Memory memory) {
        Set<String> streaming = Settling.names(database);
        List<MemberName> chosen = new ArrayList<>(record.voters().stream()
                .filter(voter -> !voter.equals(self))
                .filter(voter -> streaming.contains(voter.applicationName()) || justWent(now, voter, database, memory))
                .filter(voter -> now.member(voter.pod())
                        .filter(status -> status.tags().excludesSynchronous() || Withdrawal.isAnnouncedBy(status))
                        .isEmpty())
                .toList());
        List<MemberStatus> others = new ArrayList<>(recruits(now, record, self, database, chosen));
        boolean all = now.settings().synchronous().mode() == SynchronousSettings.Mode.QUORUM;
        int wanted = all ? Integer.MAX_VALUE : now.settings().synchronous().nodeCount();
        while (chosen.size() < wanted && !others.isEmpty()) {
            Set<String> zones = zones(now, chosen);
            others.sort(Comparator.comparing((MemberStatus status) -> zones.contains(status.zone()))
                    .thenComparingInt(status -> -status.tags().failoverPriority())
                    .thenComparing(MemberStatus::pod));
            others.removeFirst().name().ifPresent(chosen::add);
        }
        return chosen.subList(0, Math.min(chosen.size(), wanted));
    }

    private static boolean justWent(Observation now, MemberName voter, DatabaseFacts database, Memory memory) {
        boolean borne = database.senders().stream()
                .anyMatch(sender -> sender.applicationName().equals(voter.applicationName())
                        && sender.state().equals("streaming"));
        long since = memory.synchrony().missingSince().getOrDefault(voter, now.nowMillis());
        return !borne && now.nowMillis() - since < MISSING_MILLIS;
    }

    private static List<MemberStatus> recruits(
            Observation now, ClusterRecord record, MemberName self, DatabaseFacts database, List<MemberName> chosen) {
        if (now.members().since(now.nowMillis() - Withdrawal.KNOWN.toMillis()).isEmpty()) {
            return List.of();
        }
        Set<String> near = new HashSet<>();
        Settling.genuine(database).stream()
                .filter(sender -> database.position().minus(sender.flushed()) <= RECRUIT_LAG_BYTES)
                .forEach(sender -> near.add(sender.applicationName()));
        return now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> status.systemId().equals(record.systemId()))
                .filter(status -> !status.tags().excludesSynchronous()
                        && !Withdrawal.isAnnouncedBy(status)
                        && status.destroying().isEmpty()
                        && status.storage().isEmpty())
                .filter(status -> status.name()
                        .filter(name -> !name.equals(self) && !chosen.contains(name))
                        .filter(name -> near.contains(name.applicationName()))
                        .isPresent())
                .toList();
    }

    private static Set<String> zones(Observation now, List<MemberName> chosen) {
        Set<String> zones = new HashSet<>();
        Stream.concat(Stream.of(now.self().holder().pod()), chosen.stream().map(MemberName::pod))
                .flatMap(pod -> now.member(pod).stream())
                .map(MemberStatus::zone)
                .filter(zone -> !zone.isEmpty())
                .forEach(zones::add);
        return zones;
    }
}
