package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.model.BootstrapSettings;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.ControlData;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.Hook;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.SensitiveValues;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorRequest.Operation;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorAnswer;

/** Carries out one action through the ports, checking the right to write once more just before it is used. */
final class ActionRunner {
    private static final Duration QUICK = Duration.ofSeconds(10);
    private static final Duration CHECKPOINT = Duration.ofMinutes(5);

    /** The supervisor's rc for a request that does not fit the state of the volume or of Postgres. */
    private static final int NOT_IN_THIS_STATE = 73;

    /** What the supervisor says of a copy with a backup label. */
    private static final String NEVER_STARTED = "never started";

    /** How an action ended: a failure, or else what it printed. */
    record Ended(Optional<String> failure, String output, boolean refused) {
        static Ended well() {
            return new Ended(Optional.empty(), "", false);
        }

        static Ended badly(String why) {
            return new Ended(Optional.of(why), "", false);
        }

        /** Somebody who is asked first did not agree. */
        static Ended refusedBy(String why) {
            return new Ended(Optional.of(why), "", true);
        }

        static Ended of(SupervisorAnswer answer) {
            return answer instanceof SupervisorAnswer.Answered(int rc, String output) && rc == 0
                    ? new Ended(Optional.empty(), output, false)
                    : badly(answer.summary());
        }

        static Ended of(Effect effect) {
            return effect instanceof Effect.Failed(String reason) ? badly(reason) : well();
        }

        boolean isWell() {
            return failure.isEmpty();
        }
    }

    private final Ports ports;
    private final OwnPod self;
    private final HaAgentSettings own;
    private final Board board;
    private final Configurations configurations;
    private final Hooks hooks;

    ActionRunner(
            Ports ports,
            OwnPod self,
            HaAgentSettings settings,
            Board board,
            Configurations configurations,
            Hooks hooks) {
        this.ports = ports;
        this.self = self;
        this.own = settings;
        this.board = board;
        this.configurations = configurations;
        this.hooks = hooks;
    }

    private HaAgentSettings settings() {
        return board.facts().settings(own);
    }

    Ended run(Action action) {
        return switch (action) {
            case Action.Nothing ignored -> Ended.well();
            // Both are taken out by the loop before they reach this lane.
            case Action.Fence ignored -> Ended.badly("fencing has its own lane");
            case Action.LeaseWrite ignored -> Ended.badly("the Lease has its own lane");
            case Action.Initdb(LeaseTerm term) -> lawfully(term, this::firstData);
            case Action.Swap(LeaseTerm term) -> lawfully(term, this::swap);
            case Action.StartPrimary(LeaseTerm term, PostgresSettings wanted) ->
                lawfully(term, () -> startPrimary(term, wanted));
            case Action.StartStandby(PostgresSettings wanted) ->
                start(
                        SupervisorRequest.startStandby(board.facts().epoch()),
                        wanted,
                        settings().startTimeout());
            case Action.Promote(LeaseTerm term, Timeline timeline) -> lawfully(term, () -> promote(term, timeline));
            case Action.Configure(PostgresSettings wanted) -> configure(wanted);
            case Action.Stop(SupervisorRequest.Stop how) -> stop(how);
            case Action.MarkVolume(var notes) -> perform(SupervisorRequest.mark(notes), QUICK);
            case Action.Discard ignored ->
                perform(SupervisorRequest.of(Operation.DISCARD), settings().toolTimeout());
            case Action.ReadControl ignored -> readControl();
            case Action.Recover ignored -> recover();
            case Action.Rewind(Upstream upstream) -> changingData(() -> rewind(upstream));
            case Action.Clone(Optional<MemberName> present, Upstream upstream, List<String> command) ->
                changingData(() -> command.isEmpty() ? clone(present, upstream) : cloneBy(command));
            case Action.CloneRemote(Optional<MemberName> present, RemotePrimary remote, List<String> command) ->
                changingData(() -> command.isEmpty() ? cloneRemote(present, remote) : cloneBy(command));
            case Action.Checkpoint ignored -> Ended.of(ports.database().checkpoint(CHECKPOINT));
            case Action.EnsureRoles ignored -> Ended.of(ports.database().ensureRoles(QUICK));
            case Action.Populate(LeaseTerm term) ->
                lawfully(
                        term,
                        () -> Ended.of(ports.database().populate(settings().toolTimeout())));
            case Action.EnsureSlots(var slots) -> Ended.of(ports.database().ensureSlots(slots, QUICK));
            case Action.RemoveMember(String pod, String version) -> remove(pod, version);
            case Action.LabelPods(var roles) -> Ended.of(ports.pods().label(roles, QUICK));
        };
    }

    private interface Work {
        Ended run();
    }

    /** The decision was made on a term that may have ended since. */
    private Ended lawfully(LeaseTerm term, Work work) {
        return isOpen(term) ? work.run() : Ended.badly("the term of epoch " + term.epoch() + " is over");
    }

    private boolean isOpen(LeaseTerm term) {
        long now = ports.clock().nowMillis();
        return board.facts()
                .term()
                .filter(held -> held.epoch().equals(term.epoch()) && held.openAt(now))
                .isPresent();
    }

    /** Hooks take their time, and the term may end meanwhile: the right to write is checked again after them. */
    private Ended promote(LeaseTerm term, Timeline timeline) {
        Optional<Hook.Ended> refusal = hooks.beforePromotion(term.epoch(), () -> !isOpen(term));
        if (refusal.isPresent()) {
            String why = "hook " + refusal.get().name() + ": " + refusal.get().detail();
            return refusal.get().outcome() == Hook.Outcome.CANCELLED ? Ended.badly(why) : Ended.refusedBy(why);
        }
        Duration limit = settings().primaryStartTimeout();
        return lawfully(
                term, () -> perform(SupervisorRequest.promote(term.epoch(), timeline, limit), limit.plus(QUICK)));
    }

    /** What a crash left unconfirmed is readable as soon as the server is up: the door must be closed before. */
    private Ended startPrimary(LeaseTerm term, PostgresSettings wanted) {
        Facts facts = board.facts();
        boolean promised = facts.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(view -> view.record().valid())
                .filter(record -> record.w() > 0)
                .isPresent();
        boolean open = facts.local()
                .token()
                .filter(token -> token.phase() == LeaseToken.Phase.OPEN)
                .isPresent();
        return promised && open
                ? Ended.badly("the token still lets clients in")
                : start(
                        wanted instanceof PostgresSettings.Recovering
                                ? SupervisorRequest.startRecovery(term.epoch())
                                : SupervisorRequest.startPrimary(term.epoch()),
                        wanted,
                        settings().primaryStartTimeout());
    }

    /** What the control file said is no longer known once the data directory was worked on, whatever came of it. */
    private Ended changingData(Work work) {
        Ended ended = work.run();
        board.postLocal(local -> local.withControl(Fact.unseen("the data directory was changed")));
        return ended;
    }

    private Ended perform(SupervisorRequest request, Duration limit) {
        return Ended.of(ports.supervisor().perform(request, limit));
    }

    /** What any of these prints at the end names the system identifier. */
    private Ended firstData() {
        BootstrapSettings bootstrap = settings().bootstrap();
        return switch (bootstrap.method()) {
            case INITDB -> initdb();
            case ADOPT -> perform(SupervisorRequest.of(Operation.ADOPT), QUICK);
            case RESTORE -> {
                Ended ended = perform(
                        SupervisorRequest.tool(Operation.RESTORE, bootstrap.restoreCommand()),
                        settings().toolTimeout());
                yield ended.isWell() ? perform(SupervisorRequest.controlDataOfNew(), QUICK) : ended;
            }
        };
    }

    private Ended initdb() {
        return switch (ports.configuration().initdbArguments()) {
            case Reading.Failure<List<String>>(String reason) -> Ended.badly(reason);
            case Reading.Value<List<String>>(List<String> arguments) -> {
                Ended ended = perform(
                        SupervisorRequest.tool(Operation.INITDB, arguments),
                        settings().toolTimeout());
                Effect forgotten = ports.configuration().forgetInitdbSecrets();
                if (ended.isWell() && forgotten instanceof Effect.Failed(String reason)) {
                    yield Ended.badly(reason);
                }
                // Its output names the system identifier, which goes into the record before the directory into place.
                yield ended.isWell() ? perform(SupervisorRequest.controlDataOfNew(), QUICK) : ended;
            }
        };
    }

    private Ended swap() {
        return changingData(() -> perform(SupervisorRequest.of(Operation.SWAP), QUICK));
    }

    private Ended start(SupervisorRequest request, PostgresSettings wanted, Duration limit) {
        Ended written = write(wanted);
        if (!written.isWell()) {
            return written;
        }
        board.postLocal(local -> local.withSettings(Optional.of(wanted)));
        return changingData(() -> perform(request, limit));
    }

    private Ended configure(PostgresSettings wanted) {
        board.postLocal(local -> local.withSettings(Optional.empty()));
        Ended written = write(wanted);
        if (!written.isWell()) {
            return written;
        }
        boolean up =
                board.facts().local().supervisor().holds(state -> state.postgres() != SupervisorState.Postgres.DOWN);
        // Reloaded even if no file changed: an earlier run may have written and not reloaded.
        Ended ended = up ? perform(SupervisorRequest.of(Operation.RELOAD), QUICK) : Ended.well();
        if (ended.isWell()) {
            board.postLocal(local -> local.withSettings(Optional.of(wanted)));
        }
        return ended;
    }

    private Ended write(PostgresSettings wanted) {
        return switch (configuration(wanted)) {
            case Reading.Failure<ServerConfiguration>(String reason) -> Ended.badly(reason);
            case Reading.Value<ServerConfiguration>(ServerConfiguration configuration) -> {
                Ended ended = Ended.of(ports.configuration().write(wanted, configuration));
                if (ended.isWell()) {
                    board.post(facts ->
                            facts.withConfiguration(facts.configuration().withApplied(configuration)));
                }
                yield ended;
            }
        };
    }

    /** Rests on what the server runs with, or else on what its control file says of the last primary. */
    private Reading<ServerConfiguration> configuration(PostgresSettings wanted) {
        Facts facts = board.facts();
        boolean up = facts.local().supervisor().holds(state -> state.postgres() == SupervisorState.Postgres.UP);
        Optional<ServerConfiguration> running = up ? configurations.whileUp(wanted, facts) : Optional.empty();
        if (running.isPresent()) {
            return Reading.of(running.get());
        }
        Ended ended = perform(SupervisorRequest.of(Operation.CONTROLDATA), QUICK);
        return ended.isWell()
                ? Reading.of(configurations.of(wanted, facts, SensitiveValues.inControlData(ended.output())))
                : Reading.failed(ended.failure().orElse(""));
    }

    /** A pod that is there will be a member again: its Lease is left to it. */
    private Ended remove(String pod, String version) {
        return switch (ports.pods().exists(pod, QUICK)) {
            case Reading.Failure<Boolean>(String reason) ->
                Ended.badly("it is not known whether the pod is there: " + reason);
            case Reading.Value<Boolean>(Boolean exists) ->
                exists
                        ? Ended.badly("the pod " + pod + " exists: scale in, or delete it, first")
                        : Ended.of(ports.leases().removeMember(pod, version, QUICK));
        };
    }

    private Ended stop(SupervisorRequest.Stop how) {
        Duration limit = how == SupervisorRequest.Stop.FAST ? settings().shutdownTimeout() : QUICK;
        return perform(SupervisorRequest.stop(how, limit), limit.plus(QUICK));
    }

    /** A copy that was never started has nothing to recover: its control file is that of the primary it came from. */
    private Ended recover() {
        SupervisorAnswer answer = ports.supervisor()
                .perform(SupervisorRequest.of(Operation.RECOVER), settings().toolTimeout());
        boolean neverStarted = answer instanceof SupervisorAnswer.Answered(int rc, String output)
                && rc == NOT_IN_THIS_STATE
                && output.contains(NEVER_STARTED);
        if (!neverStarted) {
            return changingData(() -> Ended.of(answer));
        }
        board.postLocal(local -> local.control() instanceof Fact.Seen<ControlData>(ControlData control, long atMillis)
                ? local.withControl(Fact.seen(control.ofUnstartedCopy(), atMillis))
                : local);
        return Ended.well();
    }

    private Ended readControl() {
        long began = ports.clock().nowMillis();
        Ended ended = perform(SupervisorRequest.of(Operation.CONTROLDATA), QUICK);
        if (!ended.isWell()) {
            return ended;
        }
        return switch (ControlData.parse(ended.output())) {
            case Parsed.Valid<ControlData>(ControlData control) -> {
                board.postLocal(local -> local.withControl(Fact.seen(control, began)));
                yield ended;
            }
            case Parsed.Unknown<ControlData>(String what) -> Ended.badly(what);
            case Parsed.Malformed<ControlData>(String why) -> Ended.badly("pg_controldata: " + why);
        };
    }

    private Ended rewind(Upstream upstream) {
        return switch (ports.configuration().rewindArguments(upstream)) {
            case Reading.Failure<List<String>>(String reason) -> Ended.badly(reason);
            case Reading.Value<List<String>>(List<String> arguments) ->
                perform(
                        SupervisorRequest.tool(Operation.REWIND, arguments),
                        settings().toolTimeout());
        };
    }

    private Ended clone(Optional<MemberName> present, Upstream upstream) {
        return cloneWith(ports.configuration().cloneArguments(nameOf(present), upstream));
    }

    private Ended cloneRemote(Optional<MemberName> present, RemotePrimary remote) {
        return cloneWith(ports.configuration().cloneArguments(nameOf(present), remote));
    }

    private MemberName nameOf(Optional<MemberName> present) {
        return present.orElseGet(() -> new MemberName(self.holder().pod(), DataId.NONE));
    }

    private Ended cloneWith(Reading<List<String>> found) {
        return switch (found) {
            case Reading.Failure<List<String>>(String reason) -> Ended.badly(reason);
            case Reading.Value<List<String>>(List<String> arguments) -> {
                Ended ended = perform(
                        SupervisorRequest.tool(Operation.CLONE, arguments),
                        settings().toolTimeout());
                yield ended.isWell() ? swap() : ended;
            }
        };
    }

    private Ended cloneBy(List<String> command) {
        Optional<SystemId> systemId = board.facts()
                .lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(view -> view.record().valid())
                .flatMap(ClusterRecord::systemId);
        if (systemId.isEmpty()) {
            return Ended.badly("the system identifier of the cluster is unknown");
        }
        Ended ended = perform(
                SupervisorRequest.cloneByCommand(command, systemId.get()),
                settings().toolTimeout());
        return ended.isWell() ? swap() : ended;
    }
}
