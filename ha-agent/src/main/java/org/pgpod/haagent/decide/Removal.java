package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;

/**
 * Forgets a member that a person says is gone, as a scale-in leaves one behind. Never one that shows life, or on whom
 * commits or an election may depend: a recorded voter stays until the record names others (rule R11). What is deleted is its
 * Lease as it was judged; a member that was only silent writes another one when it comes back.
 */
final class Removal {
    /** Who wrote its Lease within this time, by our own clock, is not gone. */
    static final Duration SILENCE = Duration.ofSeconds(60);

    /** Nobody is judged by a list of members that is older. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private Removal() {}

    static Optional<Step> asked(Observation now, Standing.Mine mine, Memory memory) {
        if (!(now.request().orElse(null) instanceof Request.Remove(String id, String pod)) || answered(memory, id)) {
            return Optional.empty();
        }
        Optional<String> refusal = refusal(now, mine, pod);
        if (refusal.isPresent()) {
            RequestAnswer refused = new RequestAnswer.Refused(refusal.get());
            return Optional.of(Step.rest(
                    Reason.Code.DUTY_REMOVE,
                    "refused member=" + pod,
                    memory.change().answer(id, refused).build()));
        }
        return sighting(now, pod)
                .map(seen -> Step.act(
                        new Action.RemoveMember(pod, seen.resourceVersion()),
                        Reason.Code.DUTY_REMOVE,
                        "member=" + pod,
                        memory));
    }

    private static boolean answered(Memory memory, String id) {
        return memory.answer().filter(answer -> answer.requestId().equals(id)).isPresent();
    }

    private static Optional<MemberSighting> sighting(Observation now, String pod) {
        return now.members().known().stream()
                .flatMap(members -> members.stream())
                .filter(member -> member.status().pod().equals(pod))
                .findFirst();
    }

    /** Why the member on {@code pod} cannot be forgotten now; empty if it can. */
    static Optional<String> refusal(Observation now, Standing.Mine mine, String pod) {
        Optional<MemberSighting> seen = sighting(now, pod);
        if (now.members().since(now.nowMillis() - FRESH.toMillis()).isEmpty()
                || now.database().isEmpty()
                || now.recordUncertain()) {
            return Optional.of("it is not known now who is there; ask again");
        }
        if (seen.isEmpty()) {
            return Optional.of("there is no member " + pod);
        }
        if (pod.equals(now.self().holder().pod())) {
            return Optional.of(pod + " is the primary");
        }
        if (mine.record().voters().stream().anyMatch(voter -> voter.pod().equals(pod))) {
            return Optional.of(
                    pod + " is a recorded voter of synchronous commits: it may have the only copy of some, until"
                            + " another standby takes its place");
        }
        if (seen.get().aliveSince(now.nowMillis() - SILENCE.toMillis())) {
            return Optional.of(pod + " has shown life within the last " + SILENCE.toSeconds() + " s");
        }
        boolean streams = seen.get()
                .status()
                .name()
                .filter(name -> streams(now.database().get(), name))
                .isPresent();
        return streams ? Optional.of(pod + " streams from this member") : Optional.empty();
    }

    private static boolean streams(DatabaseFacts database, MemberName name) {
        return database.senders().stream()
                .anyMatch(sender -> sender.applicationName().equals(name.applicationName()));
    }

    /** Answers the request whose action has ended, whatever came of it: another attempt is for another request. */
    static MemoryChange ended(Observation now, ActionReport report, MemoryChange change) {
        if (!(report.action() instanceof Action.RemoveMember done
                && now.request().orElse(null) instanceof Request.Remove asked
                && asked.pod().equals(done.pod()))) {
            return change;
        }
        RequestAnswer answer = report.failure()
                .<RequestAnswer>map(RequestAnswer.Failed::new)
                .orElseGet(() -> new RequestAnswer.Done("the member is removed"));
        return change.answer(asked.id(), answer);
    }
}
