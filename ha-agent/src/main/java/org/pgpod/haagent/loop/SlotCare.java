package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.decide.Observation;
import org.pgpod.haagent.decide.SlotMemory;
import org.pgpod.haagent.decide.SlotPlan;
import org.pgpod.haagent.decide.SlotPlanner;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.SlotReport;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.SlotWishes;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SlotPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the replication slots of this server, in a lane of its own: nothing else depends on it, and making a logical
 * slot may wait for transactions that run for long.
 */
final class SlotCare {
    private static final Logger LOG = LoggerFactory.getLogger(SlotCare.class);
    private static final Duration CALM = Duration.ofSeconds(10);
    private static final Duration BUSY = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Decoding can begin only when every transaction that runs now has ended. */
    private static final Duration LOGICAL_TIMEOUT = Duration.ofSeconds(30);

    private final SlotPort port;
    private final PodPort pods;
    private final BootClock clock;
    private final Board board;
    private final Supplier<Observation> observe;

    // Only the slots lane touches these.
    private long dueMillis;
    private SlotWishes last = SlotWishes.NONE;
    private SlotMemory memory = SlotMemory.NONE;
    private List<String> told = List.of();

    private volatile SlotReport report = SlotReport.NONE;
    private volatile SortedMap<String, Lsn> positions = new TreeMap<>();

    SlotCare(Ports ports, Board board, Supplier<Observation> observe) {
        this.port = ports.slots();
        this.pods = ports.pods();
        this.clock = ports.clock();
        this.board = board;
        this.observe = observe;
    }

    /** What people are told. */
    SlotReport report() {
        return report;
    }

    /** As the primary: from where on each physical permanent slot keeps WAL, for standbys to do the same. */
    SortedMap<String, Lsn> positions() {
        return positions;
    }

    void tick() {
        SlotWishes wishes = board.facts().configuration().accepted().slots();
        if (clock.nowMillis() < dueMillis && wishes.equals(last)) {
            return;
        }
        last = wishes;
        Observation now = observe.get();
        Optional<SlotSighting> seen = now.database().isEmpty()
                ? Optional.empty()
                : Optional.of(port.readSlots(TIMEOUT)).flatMap(SlotCare::value);
        if (seen.isEmpty()) {
            dueMillis = clock.nowMillis() + BUSY.toMillis();
            report = SlotReport.NONE;
            positions = new TreeMap<>();
            return;
        }
        SlotPlan plan = SlotPlanner.plan(now, wishes, seen.get(), memory);
        memory = plan.memory();
        boolean changed = false;
        boolean failed = false;
        for (SlotStep step : plan.steps()) {
            switch (perform(step, seen.get().inRecovery())) {
                case Effect.Changed ignored -> changed |= !(step instanceof SlotStep.Advance);
                case Effect.Unchanged ignored -> {}
                case Effect.Failed(String reason) -> {
                    failed = true;
                    LOG.warn("slot unchanged step={} reason={}", step, reason);
                }
            }
        }
        publish(wishes, seen.get(), plan.problems());
        dueMillis = clock.nowMillis() + (changed && !failed ? BUSY : CALM).toMillis();
    }

    private static Optional<SlotSighting> value(Reading<SlotSighting> reading) {
        return reading instanceof Reading.Value<SlotSighting>(SlotSighting seen) ? Optional.of(seen) : Optional.empty();
    }

    private Effect perform(SlotStep step, boolean inRecovery) {
        Duration limit = step instanceof SlotStep.CreateLogical ? LOGICAL_TIMEOUT : TIMEOUT;
        Effect effect = port.changeSlot(step, inRecovery, limit);
        if (effect instanceof Effect.Changed && !(step instanceof SlotStep.Advance)) {
            LOG.info("slot changed step={}", step);
        }
        return effect;
    }

    private void publish(SlotWishes wishes, SlotSighting seen, List<String> problems) {
        SortedMap<String, Lsn> kept = new TreeMap<>();
        if (!seen.inRecovery()) {
            for (PermanentSlot slot : wishes.permanent()) {
                if (slot instanceof PermanentSlot.Physical) {
                    seen.slot(slot.name())
                            .filter(present -> present.lost().isEmpty())
                            .flatMap(SlotState::restart)
                            .ifPresent(restart -> kept.put(slot.name(), restart));
                }
            }
        }
        positions = kept;
        report = new SlotReport(seen.slots(), problems);
        for (String problem : problems) {
            if (!told.contains(problem)) {
                LOG.warn("slot problem={}", problem);
                pods.event("ReplicationSlot", problem);
            }
        }
        told = problems;
    }
}
