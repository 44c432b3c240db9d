package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;
import org.pgpod.haagent.model.SupervisorState;

/**
 * Decides, from an observation and what was remembered, the one next thing to do. Total and deterministic: equal
 * arguments give equal decisions, and no observation makes it throw.
 */
public final class Decider {
    /** An action that failed is not tried again sooner. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    private Decider() {}

    public static Decision decide(Observation now, Memory before) {
        Standing standing = Standing.of(now, before);
        Memory memory = Watch.update(
                now, standing, Switchover.conclude(standing, tenure(now, forget(standing, digest(now, before)))));
        memory = Withdrawal.watch(now, Hang.watch(now, Cascade.watch(now, standing, memory)));
        Step chosen = Pace.limit(now, spare(now, choose(now, standing, memory)));
        Step step = refuseHopeless(now, standing, Storage.tell(now, standing, chosen));
        return new Decision(
                step.action(),
                step.reason(),
                TokenWish.of(now, standing, step.memory()),
                StatusReport.of(now, step.reason(), step.memory()),
                step.memory());
    }

    private static Step choose(Observation now, Standing standing, Memory memory) {
        Optional<Step> unlawful = fence(now, standing, memory);
        if (unlawful.isPresent()) {
            return unlawful.get();
        }
        Optional<Step> hangs = Hang.decide(now, standing, memory);
        if (hangs.isPresent()) {
            return hangs.get();
        }
        Optional<Step> detached = detach(now, standing, memory);
        if (detached.isPresent()) {
            return detached.get();
        }
        return switch (standing) {
            case Standing.Unread(String reason) -> Step.rest(Reason.Code.WAIT_LEASE, reason, memory);
            case Standing.Barred(Reason reason, Optional<LeaseView> outdated) ->
                outdated.flatMap(view -> Forced.restore(now, outdated, memory))
                        .orElseGet(() -> new Step(new Action.Nothing(), reason, memory));
            case Standing.Absent ignored -> Bootstrap.found(now, memory);
            case Standing.Lapsed ignored -> Step.rest(Reason.Code.WAIT_LAPSED_LEASE, memory);
            case Standing.Mine mine -> Leadership.decide(now, mine, memory);
            case Standing.Led led -> Following.decide(now, led, memory);
            case Standing.Vacant vacant -> Election.decide(now, vacant, memory);
        };
    }

    /** A slot of another cluster feeds one server only, and whoever leads next may not be able to tell us that it does. */
    private static Optional<Step> detach(Observation now, Standing standing, Memory memory) {
        boolean over = standing instanceof Standing.Lapsed || standing instanceof Standing.Vacant;
        boolean occupies = now.local().settings().orElse(null)
                        instanceof PostgresSettings.Remote(var ignored, RemotePrimary remote)
                && remote.slot().isPresent();
        return over && occupies && !standing.paused() && now.database().isPresent()
                ? now.name()
                        .map(name -> Step.act(
                                new Action.Configure(new PostgresSettings.Detached(name)),
                                Reason.Code.STANDBY_DETACH,
                                memory))
                : Optional.empty();
    }

    /** A server that can write without our having the right to is ended at once, whatever else is true. */
    private static Optional<Step> fence(Observation now, Standing standing, Memory memory) {
        boolean startedWritable = now.supervisor()
                .filter(state -> state.mode() == SupervisorState.Mode.PRIMARY)
                .filter(state -> state.postgres() != SupervisorState.Postgres.DOWN)
                .isPresent();
        boolean writable = startedWritable
                || now.database().filter(facts -> !facts.inRecovery()).isPresent();
        boolean lawful = now.term()
                .filter(term -> term.allowsWriting() && term.renewableAt(now.nowMillis()))
                .isPresent();
        if (!writable || lawful) {
            return Optional.empty();
        }
        if (adoptable(now, standing)) {
            return Optional.of(Step.rest(Reason.Code.WAIT_ADOPTION, memory));
        }
        return Optional.of(Step.act(new Action.Fence(), Reason.Code.FENCE_NO_TERM, memory));
    }

    /** An earlier run of this agent may have left a term that can still be prolonged. */
    private static boolean adoptable(Observation now, Standing standing) {
        Optional<LeaseToken> inherited = now.local()
                .token()
                .filter(token -> token.role() == LeaseToken.Role.PRIMARY && now.nowMillis() < token.stopMillis());
        return switch (standing) {
            case Standing.Unread ignored -> inherited.isPresent();
            case Standing.Lapsed(LeaseView view, var ignored) ->
                inherited.filter(token -> token.epoch().equals(view.epoch())).isPresent();
            default -> false;
        };
    }

    /** Takes the end of the last action into account, once. */
    private static Memory digest(Observation now, Memory memory) {
        Optional<ActionReport> news = now.finished().filter(report -> report.sequence() > memory.digested());
        if (news.isEmpty()) {
            return memory;
        }
        ActionReport report = news.get();
        MemoryChange change = memory.change()
                .digested(report.sequence())
                .hang(Hang.ended(report, memory.hang()))
                .watch(Pace.ended(report, memory.watch()))
                .founding(memory.founding().after(report))
                .copying(memory.copying().after(report))
                .synchrony(synchrony(report, memory.synchrony()));
        if (!report.succeeded()) {
            change.failed(report.action(), report.atMillis() + RETRY.toMillis());
            if (report.refused() && report.action() instanceof Action.Promote) {
                change.unusable(true);
            }
            if (report.action() instanceof Action.Rewind) {
                change.rewindFailed(Pace.isHopeless(Pace.ended(report, memory.watch())));
            }
            return Removal.ended(now, report, change).build();
        }
        change.nothingFailed();
        switch (report.action()) {
            case Action.LabelPods(var roles) -> change.labels(roles, report.atMillis());
            case Action.EnsureRoles ignored -> change.rolesMillis(report.atMillis());
            case Action.Initdb ignored -> change.initialised(ControlData.systemIdIn(report.output()));
            case Action.Discard ignored -> change.cloned(false);
            case Action.Swap ignored -> change.initialised(Optional.empty());
            case Action.Clone ignored -> copied(now, change);
            case Action.CloneRemote ignored -> copied(now, change);
            case Action.Checkpoint ignored ->
                memory.handover().ifPresent(handover -> change.handover(handover.checkpointedNow()));
            case Action.Release ignored ->
                memory.handover().ifPresent(handover -> change.handover(handover.releasedNow()));
            default -> {}
        }
        return Removal.ended(now, report, change).build();
    }

    private static void copied(Observation now, MemoryChange change) {
        change.rewindFailed(false).cloned(true);
        if (now.request().orElse(null) instanceof Request.Reinitialize(String id)) {
            change.answer(id, new RequestAnswer.Done("cloned anew"));
        }
    }

    /** What an action, whether or not it succeeded, leaves of what was known about the synchronous set. */
    private static SynchronousMemory synchrony(ActionReport report, SynchronousMemory before) {
        return switch (report.action()) {
            case Action.StartPrimary(var ignored, PostgresSettings.Primary settings)
            when report.succeeded() -> before.startedWith(settings.synchronous(), report.atMillis());
            case Action.Configure(PostgresSettings.Primary settings) ->
                before.changed(Optional.of(settings.synchronous()), report.atMillis());
            case Action.StartPrimary ignored -> before.changed(Optional.empty(), report.atMillis());
            case Action.StartStandby ignored -> before.changed(Optional.empty(), report.atMillis());
            case Action.Configure ignored -> before.changed(Optional.empty(), report.atMillis());
            case Action.Checkpoint ignored when report.succeeded() -> before.afterCheckpoint();
            default -> before;
        };
    }

    /** A Postgres that our supervisor runs proves that it, and no pod that we replaced, has the volume. */
    private static Memory tenure(Observation now, Memory memory) {
        Optional<String> instance = now.supervisor()
                .filter(state -> state.postgres() == SupervisorState.Postgres.UP)
                .map(SupervisorState::instance);
        boolean known = instance.isEmpty()
                || memory.tenure().map(Memory.Tenure::instance).equals(instance);
        return known
                ? memory
                : memory.change()
                        .tenure(new Memory.Tenure(instance.get(), now.nowMillis()))
                        .build();
    }

    /** What belonged to a state of the Lease that is over. */
    private static Memory forget(Standing standing, Memory memory) {
        MemoryChange change = memory.change();
        boolean voteStands = standing instanceof Standing.Vacant vacant
                && memory.vote()
                        .filter(vote ->
                                vote.resourceVersion().equals(vacant.view().resourceVersion()))
                        .isPresent();
        if (!voteStands) {
            change.noVote();
        }
        if (!(standing instanceof Standing.Mine)) {
            change.openingMillis(0)
                    .unusable(false)
                    .founding(Founding.NONE)
                    .synchrony(SynchronousMemory.NONE)
                    .labels(java.util.Map.of(), 0)
                    .rolesMillis(0);
        }
        return change.build();
    }

    /** An action that has just failed is not repeated at once; another one may be. */
    private static Step spare(Observation now, Step step) {
        Memory memory = step.memory();
        boolean tooSoon = memory.failedAction().filter(step.action()::equals).isPresent()
                && now.nowMillis() < memory.retryMillis();
        return tooSoon && !(step.action() instanceof Action.Fence)
                ? Step.rest(Reason.Code.WAIT_RETRY, step.reason().code().name(), memory)
                : step;
    }

    /** Answers requests that cannot be carried out where they were made. */
    private static Step refuseHopeless(Observation now, Standing standing, Step step) {
        Optional<Request> request = now.request()
                .filter(asked -> step.memory()
                        .answer()
                        .filter(answer -> answer.requestId().equals(asked.id()))
                        .isEmpty());
        if (request.isEmpty()) {
            return step;
        }
        boolean holder = standing instanceof Standing.Mine;
        boolean primary =
                standing instanceof Standing.Mine mine && mine.record().allowsWriting();
        boolean handingOver = step.memory().handover().isPresent();
        String refusal = switch (request.get()) {
            case Request.Switchover ignored when !holder && !handingOver -> "this member is not the primary";
            case Request.Failover ignored when holder -> "this member is the primary";
            case Request.Failover ignored
            when standing instanceof Standing.Led || standing instanceof Standing.Lapsed ->
                "another member holds the leader Lease, and it has not expired";
            case Request.Failover ignored when standing instanceof Standing.Unread -> "the leader Lease is unknown";
            case Request.Pause ignored when !holder -> "this member is not the primary";
            case Request.Remove ignored when !holder -> "this member is not the primary";
            case Request.Reinitialize ignored when primary -> "the primary cannot be cloned from itself";
            case Request.Reinitialize ignored
            when !holder && !(standing instanceof Standing.Led) -> "there is no primary";
            case Request.Restart ignored when standing instanceof Standing.Unread -> "the leader Lease is unknown";
            default -> "";
        };
        return refusal.isEmpty()
                ? step
                : new Step(
                        step.action(),
                        step.reason(),
                        step.memory()
                                .change()
                                .answer(request.get().id(), new RequestAnswer.Refused(refusal))
                                .build());
    }
}
