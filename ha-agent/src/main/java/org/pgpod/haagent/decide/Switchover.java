package org.pgpod.haagent.decide;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.ProxyAnswer;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.VolumeState;

/**
 * A planned hand-over, seen from the primary: checkpoint, hold the clients, stop in order, release. The step is derived
 * anew each time from what is seen; giving up at any of them leaves an ordinary primary that starts again in its term.
 */
final class Switchover {
    private Switchover() {}

    /** Empty when no hand-over is wanted or going on. */
    static Optional<Step> decide(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        if (memory.handover().isPresent()) {
            return Optional.of(proceed(now, mine, memory.handover().get(), memory));
        }
        Optional<Request.Switchover> asked = asked(now)
                .or(() -> Storage.request(now, mine, memory))
                .or(() -> Departure.request(now, mine))
                .or(() -> Preference.request(now, memory))
                .filter(request -> !answered(memory, request));
        if (asked.isPresent()) {
            return now.database().map(database -> begin(now, mine, database, asked.get(), memory));
        }
        return Restarting.decide(now, memory);
    }

    /** What a person asked for, or else the stop of our container, which waits a while for the primary to move. */
    private static Optional<Request.Switchover> asked(Observation now) {
        if (now.request().orElse(null) instanceof Request.Switchover request) {
            return Optional.of(request);
        }
        return now.supervisor()
                .filter(SupervisorState::asksForSwitchover)
                .flatMap(SupervisorState::job)
                .map(job -> new Request.Switchover(job, Optional.empty()));
    }

    private static boolean answered(Memory memory, Request asked) {
        return memory.answer()
                .filter(answer -> answer.requestId().equals(asked.id()))
                .isPresent();
    }

    private static Step begin(
            Observation now, Standing.Mine mine, DatabaseFacts database, Request.Switchover asked, Memory memory) {
        Optional<MemberStatus> candidate = candidate(now, mine, database, asked);
        if (candidate.isEmpty() || mine.record().pause()) {
            String why = mine.record().pause()
                    ? "the cluster is paused"
                    : nobodyFits(now, mine, database, asked.candidate());
            Memory refused = memory.change()
                    .answer(asked.id(), new RequestAnswer.Refused(why))
                    .build();
            return Step.rest(Reason.Code.SWITCHOVER_ABORT, why, refused);
        }
        var handover = new Memory.Handover(asked.id(), candidate.get().pod(), now.nowMillis(), false, 0, false);
        return checkpoint(handover, memory);
    }

    private static Step checkpoint(Memory.Handover handover, Memory memory) {
        return Step.act(
                new Action.Checkpoint(),
                Reason.Code.SWITCHOVER_CHECKPOINT,
                "candidate=" + handover.candidate(),
                memory.change().handover(handover).build());
    }

    private static String nobodyFits(
            Observation now, Standing.Mine mine, DatabaseFacts database, Optional<String> asked) {
        List<String> obstacles = others(now)
                .filter(status -> asked.isEmpty() || asked.get().equals(status.pod()))
                .flatMap(status ->
                        obstacle(now, mine, database, status).stream().map(obstacle -> status.pod() + " " + obstacle))
                .sorted()
                .toList();
        return obstacles.isEmpty()
                ? asked.map(pod -> "'" + pod + "' is not a member that was seen lately")
                        .orElse("no other member was seen lately")
                : String.join("; ", obstacles);
    }

    /** The named standby, or else the most advanced by the primary's own count, if it streams within the lag limit. */
    static Optional<MemberStatus> candidate(
            Observation now, Standing.Mine mine, DatabaseFacts database, Request.Switchover asked) {
        Comparator<MemberStatus> mostAdvanced = Comparator.<MemberStatus, Boolean>comparing(
                        status -> status.tags().isCordoned())
                .thenComparingInt(status -> -status.tags().failoverPriority())
                .thenComparingInt(status -> now.settings().preference().rankOf(status.zone()))
                .thenComparingLong(status -> lag(database, status).orElse(Long.MAX_VALUE))
                .thenComparing(MemberStatus::pod);
        return others(now)
                .filter(status ->
                        asked.candidate().isEmpty() || asked.candidate().get().equals(status.pod()))
                .filter(status -> obstacle(now, mine, database, status).isEmpty())
                .min(mostAdvanced);
    }

    private static Stream<MemberStatus> others(Observation now) {
        return now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> !status.pod().equals(now.self().holder().pod()));
    }

    /** Why a member cannot be handed over to; empty if it can. */
    private static Optional<String> obstacle(
            Observation now, Standing.Mine mine, DatabaseFacts database, MemberStatus status) {
        if (status.tags().excludesFailover()) {
            return Optional.of("is tagged never to become the primary");
        }
        if (status.storage().isPresent()) {
            return Optional.of("has trouble with its volume");
        }
        if (!status.systemId().equals(mine.record().systemId())) {
            return Optional.of("has no data of this cluster");
        }
        long limit = now.settings().maximumLagOnFailover();
        return lag(database, status)
                .map(bytes -> bytes <= limit
                        ? Optional.<String>empty()
                        : Optional.of("is " + bytes + " bytes behind, more than maximumLagOnFailover, " + limit))
                .orElse(Optional.of("does not stream"));
    }

    static Optional<Long> lag(DatabaseFacts database, MemberStatus status) {
        return status.name()
                .flatMap(name -> database.senders().stream()
                        .filter(sender -> sender.applicationName().equals(name.applicationName()))
                        .filter(sender -> sender.state().equals("streaming"))
                        .findFirst())
                .map(sender -> Math.max(0, database.position().minus(sender.flushed())));
    }

    private static Step proceed(Observation now, Standing.Mine mine, Memory.Handover handover, Memory memory) {
        if (handover.released()) {
            return abort("nobody took over", handover, memory);
        }
        if (!handover.checkpointed()) {
            boolean failed = memory.failedAction()
                    .filter(Action.Checkpoint.class::isInstance)
                    .isPresent();
            return failed || now.database().isEmpty()
                    ? abort("the checkpoint failed", handover, memory)
                    : checkpoint(handover, memory);
        }
        if (handover.heldMillis() == 0) {
            Memory.Handover held = handover.heldSince(now.nowMillis());
            return Step.rest(
                    Reason.Code.SWITCHOVER_DRAIN, memory.change().handover(held).build());
        }
        if (now.passed(now.settings().holdTimeout(), handover.heldMillis())) {
            return abort("the time to hold clients is over", handover, memory);
        }
        return afterHolding(now, mine, handover, memory);
    }

    private static Step afterHolding(Observation now, Standing.Mine mine, Memory.Handover handover, Memory memory) {
        SupervisorState.Postgres postgres =
                now.supervisor().map(SupervisorState::postgres).orElse(SupervisorState.Postgres.STARTING);
        boolean stopFailed =
                memory.failedAction().filter(Action.Stop.class::isInstance).isPresent();
        return switch (postgres) {
            case UP -> stopFailed ? abort("the fast stop failed", handover, memory) : stop(now, handover, memory);
            case DOWN -> release(now, mine, handover, memory);
            case STARTING -> Step.rest(Reason.Code.SWITCHOVER_WAIT_STOP, memory);
            // A standby that does not answer can hold a fast stop up for ever.
            case STOPPING ->
                stopFailed
                        ? Step.act(
                                new Action.Stop(SupervisorRequest.Stop.IMMEDIATE),
                                Reason.Code.SWITCHOVER_STOP,
                                "stop hangs",
                                memory)
                        : Step.rest(Reason.Code.SWITCHOVER_WAIT_STOP, memory);
        };
    }

    private static Step stop(Observation now, Memory.Handover handover, Memory memory) {
        boolean drained = now.local()
                .proxy()
                .known()
                .map(answer -> drained(answer, handover))
                .orElse(true);
        boolean waited = now.passed(now.settings().drainTimeout(), handover.heldMillis());
        return drained || waited
                ? Step.act(new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.SWITCHOVER_STOP, memory)
                : Step.rest(Reason.Code.SWITCHOVER_DRAIN, memory);
    }

    private static boolean drained(ProxyAnswer answer, Memory.Handover handover) {
        return answer.phase() == LeaseToken.Phase.HOLD
                && answer.atMillis() >= handover.heldMillis()
                && answer.inFlight() == 0;
    }

    private static Step release(Observation now, Standing.Mine mine, Memory.Handover handover, Memory memory) {
        Optional<ControlData> control = now.local().control().known();
        if (control.isEmpty()) {
            return Step.act(new Action.ReadControl(), Reason.Code.SWITCHOVER_WAIT_STOP, memory);
        }
        if (!control.get().stoppedAsPrimary()) {
            return abort("Postgres did not stop in order", handover, memory);
        }
        ClusterRecord next = mine.record()
                .change()
                .phase(ClusterRecord.Phase.RELEASED)
                .lsn(control.get().checkpoint())
                .clean(true)
                .prefer(Optional.of(handover.candidate()))
                .build();
        return Step.act(
                new Action.Release(next),
                Reason.Code.SWITCHOVER_RELEASE,
                "candidate=" + handover.candidate() + " lsn=" + control.get().checkpoint(),
                memory);
    }

    private static Step abort(String why, Memory.Handover handover, Memory memory) {
        Memory next = memory.change()
                .noHandover()
                .answer(handover.requestId(), new RequestAnswer.Failed(why))
                .build();
        return Step.rest(Reason.Code.SWITCHOVER_ABORT, why, next);
    }

    /** Once released: whether somebody else serves now, so that the request is answered and clients are let go. */
    static Memory conclude(Standing standing, Memory memory) {
        if (memory.handover().isEmpty() || !(standing instanceof Standing.Led led)) {
            return memory;
        }
        if (led.record().phase() != ClusterRecord.Phase.PRIMARY) {
            return memory;
        }
        String done = led.view()
                .holder()
                .map(holder -> holder.pod() + " is the primary")
                .orElse("done");
        return memory.change()
                .noHandover()
                .answer(memory.handover().get().requestId(), new RequestAnswer.Done(done))
                .build();
    }
}
