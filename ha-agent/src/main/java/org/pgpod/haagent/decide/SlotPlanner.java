package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.SlotWishes;
import org.pgpod.haagent.model.VolumeState;

/**
 * Says what is to become of the replication slots of a serving primary or a streaming standby; on any other server
 * nothing. A slot that is in use, temporary, ignored by the operator, or explained by nothing is left alone.
 */
public final class SlotPlanner {
    /** For how long a member that was known must be missing from the list of members to count as removed. */
    private static final Duration REMOVED = Duration.ofSeconds(30);

    private final Observation now;
    private final SlotWishes wishes;
    private final SlotSighting seen;
    private final SlotMemory memory;
    private final MemberSlots members;
    private final Map<String, Lsn> positions;

    private final List<SlotStep> steps = new ArrayList<>();
    private final List<SlotStep> slow = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Long> idleSince = new HashMap<>();

    private SlotPlanner(
            Observation now,
            ClusterRecord record,
            SlotWishes wishes,
            SlotSighting seen,
            SlotMemory memory,
            Map<String, Lsn> positions) {
        this.now = now;
        this.wishes = wishes;
        this.seen = seen;
        this.memory = memory;
        this.members = MemberSlots.of(now, record.timeline());
        this.positions = positions;
    }

    /** The plan for the server that was {@code seen}. */
    public static SlotPlan plan(Observation now, SlotWishes wishes, SlotSighting seen, SlotMemory memory) {
        if (now.members().known().isEmpty()
                || now.database()
                        .filter(facts -> facts.inRecovery() == seen.inRecovery())
                        .isEmpty()) {
            return SlotPlan.nothing(memory);
        }
        return switch (Standing.of(now, Memory.NONE)) {
            case Standing.Mine mine
            when serves(now, mine.record(), seen) ->
                new SlotPlanner(now, mine.record(), wishes, seen, memory, Map.of())
                        .onPrimary()
                        .unless(mine.record().pause());
            case Standing.Mine mine
            when !mine.record().allowsWriting() && follows(now, mine.record(), seen) ->
                new SlotPlanner(now, mine.record(), wishes, seen, memory, Map.of())
                        .onStandby()
                        .unless(mine.record().pause());
            case Standing.Led led
            when follows(now, led.record(), seen) ->
                new SlotPlanner(now, led.record(), wishes, seen, memory, positions(now, led.view()))
                        .onStandby()
                        .unless(led.record().pause());
            default -> SlotPlan.nothing(memory);
        };
    }

    private static boolean serves(Observation now, ClusterRecord record, SlotSighting seen) {
        return !seen.inRecovery()
                && record.phase() == ClusterRecord.Phase.PRIMARY
                && now.term().filter(term -> term.openAt(now.nowMillis())).isPresent();
    }

    /** Before it streams, what is on it may not belong to the primary's history. */
    private static boolean follows(Observation now, ClusterRecord record, SlotSighting seen) {
        boolean intact = now.volume()
                .filter(volume ->
                        volume.destroying().isEmpty() && volume.frozen().isEmpty())
                .flatMap(VolumeState::data)
                .isPresent();
        return seen.inRecovery()
                && intact
                && record.isServing()
                && isStreaming(now.local().settings().orElse(null))
                && now.database()
                        .filter(facts -> facts.receiver() == DatabaseFacts.Receiver.STREAMING)
                        .filter(facts -> facts.timeline().equals(record.timeline()))
                        .isPresent();
    }

    private static boolean isStreaming(@Nullable PostgresSettings settings) {
        return settings instanceof PostgresSettings.Standby || settings instanceof PostgresSettings.Remote;
    }

    private static Map<String, Lsn> positions(Observation now, LeaseView view) {
        return view.holder()
                .map(Holder::pod)
                .flatMap(now::member)
                .map(MemberStatus::server)
                .map(server -> Map.<String, Lsn>copyOf(server.slots()))
                .orElse(Map.of());
    }

    /** A pause suspends what makes and removes; positions go on, lest standbys run out of space. */
    private SlotPlan unless(boolean paused) {
        steps.addAll(slow);
        if (paused) {
            steps.removeIf(step -> !(step instanceof SlotStep.Advance));
        }
        Set<String> permanent = new HashSet<>(memory.permanent());
        permanents().forEach(slot -> permanent.add(slot.name()));
        return new SlotPlan(steps, problems, new SlotMemory(idleSince, permanent, knownMembers()));
    }

    /** Those of removed members stay until their slots are gone, so that these are recognised. */
    private Set<String> knownMembers() {
        Set<String> known = new HashSet<>(members.wanted().keySet());
        known.addAll(members.gone().keySet());
        memory.members().stream().filter(idleSince::containsKey).forEach(known::add);
        return known;
    }

    private SlotPlanner onPrimary() {
        seen.slots().stream().filter(this::isUnclaimed).forEach(this::dropOnPrimary);
        members.wanted().keySet().stream().filter(this::isMissing).forEach(this::create);
        // Nobody else moves the slot of a member that streams elsewhere, and it would keep WAL to the limit.
        members.elsewhere().stream()
                .filter(name -> !isMissing(name))
                .forEach(name -> members.wanted()
                        .getOrDefault(name, Optional.empty())
                        .ifPresent(lacks -> keep(name, Optional.of(lacks))));
        permanents().forEach(slot -> permanentOnPrimary(slot, seen.slot(slot.name())));
        return this;
    }

    private SlotPlanner onStandby() {
        seen.slots().stream().filter(this::isUnclaimed).forEach(this::dropOnStandby);
        members.wanted().forEach((name, lacks) -> keep(name, Optional.of(lacks.orElse(seen.redo()))));
        for (PermanentSlot slot : permanents()) {
            if (slot instanceof PermanentSlot.Physical) {
                keep(slot.name(), Optional.ofNullable(positions.get(slot.name())));
            }
        }
        return this;
    }

    private List<PermanentSlot> permanents() {
        return wishes.permanent().stream()
                .filter(slot -> !members.wanted().containsKey(slot.name()))
                .toList();
    }

    private boolean isPermanent(SlotState slot) {
        return wishes.permanent().stream().anyMatch(wanted -> wanted.name().equals(slot.name()));
    }

    /** Whether the slot may be removed if there is a reason to. */
    private boolean isUnclaimed(SlotState slot) {
        return !slot.active() && !slot.temporary() && !wishes.ignores(slot);
    }

    private boolean isMissing(String name) {
        return seen.slot(name).isEmpty()
                || steps.stream().anyMatch(step -> step.name().equals(name));
    }

    private void create(String name) {
        steps.add(new SlotStep.CreatePhysical(name));
    }

    private void dropOnPrimary(SlotState slot) {
        if (isPermanent(slot) || !isOfMember(slot)) {
            return;
        }
        if (slot.lost().isPresent()) {
            drop(slot, "its WAL is gone");
        } else if (!members.wanted().containsKey(slot.name())) {
            boolean replaced = members.successor(slot.name())
                    .flatMap(seen::slot)
                    .filter(SlotState::active)
                    .isPresent();
            // A rewound copy needs the WAL that its former name kept, until it streams under the new one.
            dropIf(slot, replaced);
        }
    }

    private void dropOnStandby(SlotState slot) {
        if (slot.kind() == SlotState.Kind.LOGICAL) {
            // Left from when this was the primary: its position is of no more use, and stands in the way of a copy of
            // the present primary's.
            if (!slot.synced() && (slot.failover() || isPermanent(slot))) {
                drop(slot, "it is left from a time as the primary");
            }
        } else if (isPermanent(slot) || members.wanted().containsKey(slot.name())) {
            boolean astray = slot.restart()
                    .filter(restart -> restart.compareTo(seen.end()) <= 0)
                    .isEmpty();
            if (slot.lost().isPresent() || astray) {
                drop(slot, "it keeps no WAL that a follower could need");
            }
        } else if (isOfMember(slot)) {
            dropIf(slot, members.successor(slot.name()).isPresent());
        } else if (memory.permanent().contains(slot.name())) {
            drop(slot, "it is no permanent slot any more");
        }
    }

    /** Removes the slot of a member that is replaced, gone for long, or ourselves; of one that nobody knows in time. */
    private void dropIf(SlotState slot, boolean replaced) {
        if (replaced) {
            drop(slot, "its member has a newer one");
        } else if (members.gone().containsKey(slot.name())) {
            drop(slot, members.gone().getOrDefault(slot.name(), ""));
        } else if (MemberSlots.isOfPod(slot.name(), ownPod())) {
            drop(slot, "it is of this member");
        } else {
            long since = memory.idleSince().getOrDefault(slot.name(), now.nowMillis());
            idleSince.put(slot.name(), since);
            // A list of members that goes back in time may lack a new one for a moment.
            boolean removed = memory.members().contains(slot.name()) && !members.knowsPodOf(slot.name());
            if (removed && now.passed(REMOVED, since)) {
                drop(slot, "its member was removed");
            } else if (now.passed(now.settings().memberSlotsTtl(), since)) {
                drop(slot, "nobody knows its member");
            }
        }
    }

    private void drop(SlotState slot, String why) {
        steps.add(new SlotStep.Drop(slot.name(), why));
    }

    private boolean isOfMember(SlotState slot) {
        return slot.kind() == SlotState.Kind.PHYSICAL && members.explains(slot.name(), ownPod());
    }

    private String ownPod() {
        return now.self().holder().pod();
    }

    private void keep(String name, Optional<Lsn> from) {
        if (isMissing(name)) {
            create(name);
            return;
        }
        SlotState slot = seen.slot(name).orElseThrow();
        Optional<Lsn> aim = from.map(lsn -> lsn.compareTo(seen.end()) > 0 ? seen.end() : lsn);
        boolean behind = aim.isPresent()
                && slot.restart()
                        .filter(restart -> restart.compareTo(aim.get()) < 0)
                        .isPresent();
        if (behind && isUnclaimed(slot) && slot.kind() == SlotState.Kind.PHYSICAL) {
            steps.add(new SlotStep.Advance(name, aim.orElseThrow()));
        }
    }

    private void permanentOnPrimary(PermanentSlot wanted, Optional<SlotState> present) {
        if (present.isPresent()) {
            problem(wanted, present.get()).ifPresent(problems::add);
            return;
        }
        switch (wanted) {
            case PermanentSlot.Physical physical -> create(physical.name());
            case PermanentSlot.Logical(String name, String database, String plugin) -> {
                if (seen.walLevel().equals("logical")) {
                    // It waits for the transactions that run now: what can be had at once comes before it.
                    slow.add(new SlotStep.CreateLogical(name, database, plugin, seen.copiesLogicalSlots()));
                } else {
                    problems.add("slots: " + name + " is logical and needs wal_level=logical; this server runs with "
                            + seen.walLevel());
                }
            }
        }
    }

    private Optional<String> problem(PermanentSlot wanted, SlotState present) {
        String name = wanted.name();
        if (present.lost().isPresent()) {
            return Optional.of("slots: " + name + " is lost (" + present.lost().get()
                    + "): its consumer must begin anew; drop the slot, and it is made again");
        }
        boolean alike = switch (wanted) {
            case PermanentSlot.Physical ignored -> present.kind() == SlotState.Kind.PHYSICAL;
            case PermanentSlot.Logical logical ->
                present.kind() == SlotState.Kind.LOGICAL
                        && present.database().equals(logical.database())
                        && present.plugin().equals(logical.plugin());
        };
        if (!alike) {
            return Optional.of("slots: " + name + " exists already and is another one: "
                    + present.kind().name().toLowerCase(java.util.Locale.ROOT) + " database='" + present.database()
                    + "' plugin='" + present.plugin() + "'");
        }
        if (present.kind() == SlotState.Kind.PHYSICAL || present.failover()) {
            return Optional.empty();
        }
        return Optional.of("slots: " + name + " does not survive a failover: "
                + (seen.copiesLogicalSlots()
                        ? "it was made without failover; drop it, and it is made anew"
                        : "Postgres copies logical slots to standbys from version 17 on"));
    }
}
