package org.pgpod.haagent.decide;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.VolumeState;

/**
 * Gives the Lease of a cluster that follows another one to a member that can lead it. Nobody writes, so no server has to
 * stop for it: the former leader follows the next one as soon as it reads of it.
 */
final class StandbyHandover {
    private StandbyHandover() {}

    /** Because a person asks for it, or because this member cannot lead and another one can. */
    static Optional<Step> decide(Observation now, Standing.Mine mine, VolumeState volume, Memory memory) {
        List<MemberStatus> successors = StandbyElection.successors(now, mine.record());
        if (now.request().orElse(null) instanceof Request.Switchover asked && !isAnswered(memory, asked)) {
            return Optional.of(asked(mine, asked, successors, memory));
        }
        boolean late =
                memory.openingMillis() != 0 && now.passed(now.settings().primaryStartTimeout(), memory.openingMillis());
        boolean empty = !volume.hasData() && memory.copying().failures() > 0;
        boolean useless = late || empty || Storage.unfit(now, mine.record(), memory);
        if (!useless || successors.isEmpty()) {
            return Optional.empty();
        }
        List<String> failed = new ArrayList<>(mine.record().failed());
        failed.add(now.self().holder().pod());
        return Optional.of(
                release(mine, Optional.empty(), failed.stream().distinct().toList(), memory));
    }

    private static boolean isAnswered(Memory memory, Request request) {
        return memory.answer()
                .filter(answer -> answer.requestId().equals(request.id()))
                .isPresent();
    }

    private static Step asked(
            Standing.Mine mine, Request.Switchover asked, List<MemberStatus> successors, Memory memory) {
        Optional<String> to = asked.candidate()
                .or(() -> successors.stream().map(MemberStatus::pod).findFirst())
                .filter(pod ->
                        successors.stream().anyMatch(status -> status.pod().equals(pod)));
        if (to.isEmpty()) {
            RequestAnswer refused = new RequestAnswer.Refused(
                    asked.candidate().map(pod -> pod + " cannot lead now").orElse("nobody else can lead now"));
            return Step.rest(
                    Reason.Code.STANDBY_HANDOVER,
                    "refused",
                    memory.change().answer(asked.id(), refused).build());
        }
        RequestAnswer done = new RequestAnswer.Done("the Lease is given to " + to.get());
        return release(
                mine, to, List.of(), memory.change().answer(asked.id(), done).build());
    }

    static Step release(Standing.Mine mine, Optional<String> to, List<String> failed, Memory memory) {
        ClusterRecord next = mine.record().change().prefer(to).failed(failed).build();
        return Step.act(new Action.Release(next), Reason.Code.STANDBY_HANDOVER, "to=" + to.orElse("anyone"), memory);
    }
}
