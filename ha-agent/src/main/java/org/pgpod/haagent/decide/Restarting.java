package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;

/** A restart that a person asked for: stop the postmaster of that moment; the ordinary course starts another one. */
final class Restarting {
    private Restarting() {}

    static Optional<Step> decide(Observation now, Memory memory) {
        Optional<Request.Restart> asked =
                now.request().filter(Request.Restart.class::isInstance).map(Request.Restart.class::cast);
        Optional<SupervisorState> supervisor = now.supervisor();
        if (asked.isEmpty() || supervisor.isEmpty()) {
            return Optional.empty();
        }
        String server = supervisor.get().server();
        boolean up = supervisor.get().postgres() == SupervisorState.Postgres.UP;
        Optional<Memory.Restart> begun = memory.restart()
                .filter(restart -> restart.requestId().equals(asked.get().id()));
        if (begun.isEmpty()) {
            Memory next = memory.change()
                    .restart(Optional.of(new Memory.Restart(asked.get().id(), server)))
                    .build();
            return up ? Optional.of(stop(next)) : Optional.empty();
        }
        if (up && server.equals(begun.get().server())) {
            return Optional.of(stop(memory));
        }
        if (up && now.database().isPresent()) {
            Memory next = memory.change()
                    .restart(Optional.empty())
                    .answer(asked.get().id(), new RequestAnswer.Done("restarted"))
                    .build();
            return Optional.of(Step.rest(Reason.Code.RESTART_REQUESTED, "done", next));
        }
        return Optional.empty();
    }

    private static Step stop(Memory memory) {
        return Step.act(new Action.Stop(SupervisorRequest.Stop.FAST), Reason.Code.RESTART_REQUESTED, memory);
    }
}
