package org.pgpod.haagent.decide;

import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.VolumeState;

/**
 * Mends a copy that cannot follow as it is: recover, compare, rewind, and clone where a rewind cannot help. Called only
 * while another member is the primary of the same system.
 */
final class Rejoin {
    private static final String REWIND = "rewind";

    private Rejoin() {}

    /** A new copy, where there is none, where one was begun, or where a person asks for it. */
    static Optional<Step> requested(
            Observation now, Standing.Led led, VolumeState volume, Upstream upstream, Memory memory) {
        if (!volume.hasData()) {
            return Optional.of(clone(now, led, volume, upstream, Reason.Code.CLONE_EMPTY, memory));
        }
        boolean begun = volume.destroying().filter(work -> !work.equals(REWIND)).isPresent();
        if (begun) {
            return Optional.of(clone(now, led, volume, upstream, Reason.Code.CLONE_UNFINISHED, memory));
        }
        if (now.request().orElse(null) instanceof Request.Reinitialize(String id) && !isAnswered(memory, id)) {
            return Optional.of(clone(now, led, volume, upstream, Reason.Code.CLONE_REQUESTED, memory));
        }
        if (Starvation.of(volume, memory)) {
            return Optional.of(clone(now, led, volume, upstream, Reason.Code.CLONE_WAL_GONE, memory));
        }
        if (memory.copying().isHopeless(now)) {
            // Stopped first, it is cloned once it is down: that it is of no use is remembered as one more failure.
            return Optional.of(Step.act(
                    new Action.Stop(SupervisorRequest.Stop.FAST),
                    Reason.Code.CLONE_WAL_GONE,
                    memory.change().copying(memory.copying().givenUp()).build()));
        }
        return memory.copying().isGivenUp()
                ? Optional.of(clone(now, led, volume, upstream, Reason.Code.CLONE_WAL_GONE, memory))
                : Optional.empty();
    }

    /** The copy that was asked for may just have been made, and the person not yet have been told. */
    private static boolean isAnswered(Memory memory, String requestId) {
        return memory.answer()
                .filter(answer -> answer.requestId().equals(requestId))
                .isPresent();
    }

    /** A rewind that was cut short goes on; what the control file of such a copy says, if it says anything, is no matter. */
    static Step resume(Observation now, Standing.Led led, VolumeState volume, Upstream upstream, Memory memory) {
        return rewind(now, led, volume, upstream, memory);
    }

    /** What a stopped copy needs before it can be started as a standby of the primary; empty when nothing. */
    static Optional<Step> decide(
            Observation now,
            Standing.Led led,
            VolumeState volume,
            ControlData control,
            Upstream upstream,
            Memory memory) {
        Divergence divergence = Divergence.of(control, volume, led.record().history());
        boolean crashedAsPrimary = !control.stoppedAsPrimary() && !control.wasStandby();
        return switch (divergence) {
            case FORKED -> Optional.of(clone(now, led, volume, upstream, Reason.Code.CLONE_FORKED, memory));
            case BEYOND_FORK ->
                Optional.of(
                        crashedAsPrimary
                                ? recover(memory)
                                : led.record().allowsWriting()
                                        ? rewind(now, led, volume, upstream, memory)
                                        : clone(now, led, volume, upstream, Reason.Code.CLONE_DIVERGED, memory));
            case NONE -> crashedAsPrimary ? Optional.of(recover(memory)) : Optional.empty();
        };
    }

    /** Only a finished crash recovery shows where a former primary's WAL really ends. */
    private static Step recover(Memory memory) {
        return Step.act(new Action.Recover(), Reason.Code.REJOIN_RECOVER, memory);
    }

    private static Step rewind(
            Observation now, Standing.Led led, VolumeState volume, Upstream upstream, Memory memory) {
        if (memory.rewindFailed() || !led.record().allowsWriting()) {
            return clone(now, led, volume, upstream, Reason.Code.CLONE_REWIND_FAILED, memory);
        }
        Optional<Step> barred = barred(now, led, volume, upstream, memory);
        if (barred.isPresent()) {
            return barred.get();
        }
        if (memory.watch().trouble().isPresent()) {
            // A rewind that is cut short leaves nothing that can be started.
            return Step.rest(Reason.Code.REJOIN_WAIT_STORAGE, memory);
        }
        Optional<Step> notYet = stillCounts(now, led, volume, Reason.Code.REJOIN_REWIND, memory);
        if (notYet.isPresent()) {
            return notYet.get();
        }
        return Step.act(new Action.Rewind(upstream), Reason.Code.REJOIN_REWIND, "upstream=" + upstream.pod(), memory);
    }

    /** What forbids to destroy the present copy (R19); that the systems are the same was seen before. */
    private static Optional<Step> barred(
            Observation now, Standing.Led led, VolumeState volume, Upstream upstream, Memory memory) {
        boolean voter =
                led.record().voters().stream().anyMatch(member -> volume.data().equals(Optional.of(member.data())));
        if (voter) {
            // Commits were acknowledged because this copy has them, so it goes only once the primary counts without it.
            return Optional.of(Step.rest(Reason.Code.REJOIN_WAIT_VOTERS, "upstream=" + upstream.pod(), memory));
        }
        return Following.rewindable(now, led)
                ? Optional.empty()
                : Optional.of(Step.rest(Reason.Code.REJOIN_WAIT_CHECKPOINT, "upstream=" + upstream.pod(), memory));
    }

    private static Step clone(
            Observation now, Standing.Led led, VolumeState volume, Upstream upstream, Reason.Code why, Memory memory) {
        Optional<Step> barred = volume.hasData() ? barred(now, led, volume, upstream, memory) : Optional.empty();
        if (barred.isPresent()) {
            return barred.get();
        }
        if (!now.postgresIs(SupervisorState.Postgres.DOWN)) {
            return Step.act(new Action.Stop(SupervisorRequest.Stop.FAST), why, memory);
        }
        Optional<Step> notYet = stillCounts(now, led, volume, why, memory);
        if (notYet.isPresent()) {
            return notYet.get();
        }
        List<String> command = now.settings().cloning().after(memory.copying().failures());
        Upstream source = Upstreams.toClone(now, led, upstream, memory);
        String detail = command.isEmpty() ? "upstream=" + source.pod() : "command=" + command.getFirst();
        String pod = now.self().holder().pod();
        return Step.act(
                new Action.Clone(volume.data().map(data -> new MemberName(pod, data)), source, command),
                why,
                detail,
                memory);
    }

    /** Whether somebody may count on the present copy now, or soon. */
    private static Optional<Step> stillCounts(
            Observation now, Standing.Led led, VolumeState volume, Reason.Code why, Memory memory) {
        if (isVoter(now, volume)) {
            return Optional.of(Step.rest(Reason.Code.REJOIN_WAIT_VOTERS, why.name(), memory));
        }
        boolean intact = volume.hasData() && volume.destroying().isEmpty();
        return intact ? Withdrawal.first(now, led.record(), memory) : Optional.empty();
    }

    /** What a recorded voter has may be all that is left of acknowledged commits, until the holder has done without it. */
    private static boolean isVoter(Observation now, VolumeState volume) {
        return volume.destroying().isEmpty()
                && now.lease()
                        .known()
                        .flatMap(LeaseSighting::view)
                        .flatMap(view -> view.record().valid())
                        .filter(record ->
                                now.name().filter(record.voters()::contains).isPresent())
                        .isPresent();
    }
}
