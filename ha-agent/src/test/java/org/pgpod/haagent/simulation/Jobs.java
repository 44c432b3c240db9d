package org.pgpod.haagent.simulation;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.port.SupervisorAnswer;

/** The supervisor's operations: each takes its time, and can be cut short between any two of its steps. */
final class Jobs {
    private final Supervisor supervisor;
    private final Pod pod;

    /** Whether Postgres was told to promote; from then on a promotion cannot be taken back. */
    private boolean told;

    Jobs(Supervisor supervisor) {
        this.supervisor = supervisor;
        this.pod = supervisor.pod;
    }

    private static SupervisorAnswer rc(int rc, String output) {
        return new SupervisorAnswer.Answered(rc, output);
    }

    private void takes(int leastMillis, int mostMillis) {
        pod.cluster.time.sleep(pod.cluster.chance.between(leastMillis, mostMillis));
    }

    long lasts(Signal signal) {
        return switch (signal) {
            case NONE -> 0;
            case INT -> pod.cluster.chance.between(50, 500);
            case QUIT -> pod.cluster.chance.between(20, 300);
            case KILL -> 0;
        };
    }

    SupervisorAnswer perform(String operation, Words words) {
        return switch (operation) {
            case "start" -> start(words);
            case "promote" -> promote(words);
            case "initdb" -> initdb();
            case "clone" -> cloneFrom();
            case "swap" -> swap();
            case "rewind" -> rewind();
            case "recover" -> recover();
            case "controldata" -> controlData(words);
            case "mark" -> mark(words);
            case "discard" -> discard();
            default -> throw new IllegalArgumentException(operation);
        };
    }

    /** Ends what a job that was cut short has begun. */
    void cancelled(String operation) {
        if (operation.equals("promote") && !told) {
            supervisor.promotionFailed();
        }
        if (operation.equals("rewind") && pod.volume.state.destroying().isPresent()) {
            pod.volume.data.ifPresent(data -> data.broken = true);
        }
    }

    /** What a supervisor does first with a volume: it ends a swap that was cut short. */
    void settle() {
        Volume volume = pod.volume;
        if (volume.complete && volume.data.isEmpty() && volume.dataNew.isPresent() && volume.dataOld.isPresent()) {
            finishSwap();
        } else if (volume.complete && volume.data.isPresent() && volume.dataNew.isEmpty()) {
            finishSwap();
        }
    }

    private SupervisorAnswer start(Words words) {
        boolean primary = words.is("mode", "primary");
        Volume volume = pod.volume;
        if (volume.data.isEmpty() || volume.state.data().isEmpty()) {
            return rc(73, "there is no data on the volume");
        }
        String destroying = volume.state.destroying().orElse("-");
        if (destroying.equals("rewind") || (primary && !destroying.equals("-"))) {
            return rc(75, "marked destroying=" + destroying);
        }
        if (primary && !recordEpoch(words.epoch())) {
            return rc(72, "the volume has seen epoch " + volume.state.epoch());
        }
        takes(20, 150);
        if (primary && !supervisor.mayWrite(words.epoch())) {
            return rc(72, "no valid token");
        }
        if (pod.run.settings.isEmpty()) {
            return rc(1, "no configuration");
        }
        PostgresSettings settings = pod.run.settings.get();
        boolean writable = primary || pod.cluster.mutant.has(Mutant.Habit.STARTS_WITHOUT_TOKEN);
        DataDirectory data = volume.data.get();
        data.fresh = false;
        data.state = writable ? DataDirectory.PRODUCTION : DataDirectory.RECOVERING;
        Server server = new Server(data, supervisor.nextPid(), !writable, settings);
        server.replayPaused = pod.replayPaused;
        int recovery = pod.cluster.chance.between(50, 800);
        supervisor.launch(server, writable ? SupervisorState.Mode.PRIMARY : SupervisorState.Mode.STANDBY, recovery);
        // Local WAL is replayed at once or a little later.
        pod.cluster.time.after(recovery + pod.cluster.chance.upTo(400), supervisor.life, server::replay);
        pod.cluster.story.tell(
                pod.title(), () -> "Postgres starts as " + (writable ? "primary" : "standby") + " on " + data.wal);
        return rc(0, "");
    }

    private boolean recordEpoch(Epoch epoch) {
        if (epoch.compareTo(pod.volume.state.epoch()) < 0) {
            return false;
        }
        pod.volume.epoch(epoch);
        return true;
    }

    private SupervisorAnswer promote(Words words) {
        told = false;
        int wanted = Math.toIntExact(words.number("timeline"));
        Server server = supervisor.server.orElseThrow();
        if (pod.refusesPromotion || pod.volume.state.destroying().isPresent() || wanted <= server.data.wal.timeline) {
            supervisor.promotionFailed();
            return rc(73, "timeline " + server.data.wal.timeline + " is reached");
        }
        if (!recordEpoch(words.epoch())) {
            supervisor.promotionFailed();
            return rc(72, "the volume has seen a later epoch");
        }
        pod.volume.timeline(new Timeline(wanted));
        takes(5, 50);
        if (!supervisor.mayWrite(words.epoch())) {
            supervisor.promotionFailed();
            return rc(72, "no valid token");
        }
        told = true;
        takes(20, 400);
        if (supervisor.server.filter(server::equals).isEmpty()) {
            return rc(124, "gone");
        }
        Wal begun = server.promote(wanted);
        pod.cluster.watch.promoted(pod, words.epoch(), begun);
        takes(5, 50);
        return rc(0, "");
    }

    private SupervisorAnswer initdb() {
        if (pod.volume.data.isPresent() || pod.volume.dataOld.isPresent()) {
            return rc(73, "the volume is not empty");
        }
        pod.volume.complete = false;
        pod.volume.dataNew = Optional.empty();
        takes(500, 2_000);
        SystemId systemId = new SystemId(Long.toString(7_300 + pod.cluster.nextNumber()));
        pod.volume.dataNew = Optional.of(DataDirectory.initialised(systemId));
        completeNew();
        return rc(0, "");
    }

    private void completeNew() {
        pod.volume.data(newDataId());
        pod.volume.complete = true;
    }

    private DataId newDataId() {
        return new DataId(String.format(Locale.ROOT, "%08x", 0xa0 + pod.cluster.nextNumber()));
    }

    private SupervisorAnswer cloneFrom() {
        Volume volume = pod.volume;
        if (volume.data.isPresent() && volume.state.destroying().isEmpty()) {
            pod.cluster.watch.destroying(pod);
            volume.destroying(Optional.of("clone"));
        }
        volume.dataOld = Optional.empty();
        volume.complete = false;
        volume.dataNew = Optional.empty();
        for (int step = 0; step < 4; step++) {
            if (pod.cluster.network.cloneSource(pod).isEmpty()) {
                return rc(1, "no connection");
            }
            pod.cluster.deaths.midway(pod, "clone");
            takes(200, 1_500);
        }
        Optional<Server> source = pod.cluster.network.cloneSource(pod);
        if (source.isEmpty()) {
            return rc(1, "the connection broke");
        }
        volume.dataNew = Optional.of(source.get().backUp());
        completeNew();
        return rc(0, "");
    }

    private SupervisorAnswer swap() {
        Volume volume = pod.volume;
        if (!volume.complete || volume.dataNew.isEmpty()) {
            return rc(73, "there is no complete data.new");
        }
        takes(5, 30);
        if (volume.data.isPresent()) {
            volume.dataOld = volume.data;
            volume.data = Optional.empty();
            takes(1, 10);
        }
        finishSwap();
        return rc(0, "");
    }

    private void finishSwap() {
        Volume volume = pod.volume;
        if (volume.data.isEmpty()) {
            volume.data = volume.dataNew;
            volume.dataNew = Optional.empty();
        }
        volume.systemId(volume.data.orElseThrow().systemId);
        volume.destroying(Optional.empty());
        volume.frozen(Optional.empty());
        volume.complete = false;
    }

    private SupervisorAnswer rewind() {
        Volume volume = pod.volume;
        if (volume.data.isEmpty()) {
            return rc(73, "there is no data on the volume");
        }
        DataDirectory target = volume.data.get();
        if (target.broken && pod.cluster.chance.oneIn(2)) {
            return rc(1, "could not read the control file");
        }
        if (!target.state.startsWith(DataDirectory.SHUT_DOWN)) {
            markRewind();
            takes(100, 600);
            target.checkpoint();
            target.state = DataDirectory.SHUT_DOWN;
        }
        Optional<Server> source = pod.cluster.network.toolSource(pod);
        if (source.isEmpty()) {
            return rc(1, "no connection");
        }
        takes(100, 400);
        markRewind();
        pod.cluster.watch.rewinding(pod, source.get());
        boolean nothingToDo = source.get().data.checkpointTimeline == target.checkpointTimeline
                && source.get().data.wal.timeline != source.get().data.checkpointTimeline;
        for (int step = 0; step < 3 && !nothingToDo; step++) {
            target.broken = true;
            pod.cluster.deaths.midway(pod, "rewind");
            takes(100, 1_000);
            if (pod.cluster.network.toolSource(pod).filter(source.get()::equals).isEmpty()) {
                return rc(1, "the connection broke");
            }
        }
        if (!nothingToDo) {
            volume.data = Optional.of(source.get().data.copied());
        }
        pod.cluster.rewinds.add(pod.name);
        volume.data(newDataId());
        volume.destroying(Optional.empty());
        return rc(0, "");
    }

    private void markRewind() {
        if (pod.volume.state.destroying().filter("rewind"::equals).isEmpty()) {
            pod.cluster.watch.destroying(pod);
            pod.volume.destroying(Optional.of("rewind"));
        }
    }

    private SupervisorAnswer recover() {
        if (pod.volume.data.isEmpty()) {
            return rc(73, "there is no data on the volume");
        }
        DataDirectory data = pod.volume.data.get();
        if (data.state.startsWith(DataDirectory.SHUT_DOWN)) {
            return rc(0, "nothing to recover");
        }
        if (data.fresh) {
            return rc(73, "a backup that was never started");
        }
        if (!data.state.equals(DataDirectory.PRODUCTION)) {
            return rc(73, data.state);
        }
        takes(200, 1_500);
        if (pod.cluster.mutant.has(Mutant.Habit.ARCHIVES_THE_TAIL)) {
            throw pod.cluster.watch.violation(pod, "WAL is archived that no primary stands for");
        }
        data.checkpoint();
        data.state = DataDirectory.SHUT_DOWN;
        return rc(0, "");
    }

    private SupervisorAnswer controlData(Words words) {
        takes(2, 20);
        Optional<DataDirectory> directory = words.is("dir", "data.new")
                ? pod.volume.dataNew
                : pod.volume.data.filter(data -> !data.broken || data.end % 16 == 0);
        return directory
                .map(data -> rc(0, data.controlData(!pod.historyMissing)))
                .orElseGet(() -> rc(1, "no control file"));
    }

    private SupervisorAnswer mark(Words words) {
        takes(2, 20);
        Volume volume = pod.volume;
        for (Map.Entry<String, String> word : words.all().entrySet()) {
            Optional<String> value = Optional.of(word.getValue()).filter(text -> !text.equals("-"));
            switch (word.getKey()) {
                case "frozen" -> volume.frozen(value);
                case "epoch" -> {
                    if (!recordEpoch(words.epoch())) {
                        return rc(73, "the volume has seen epoch " + volume.state.epoch());
                    }
                }
                case "timeline" -> volume.timeline(new Timeline(Math.toIntExact(words.number("timeline"))));
                default -> throw new IllegalArgumentException(word.getKey());
            }
        }
        return rc(0, "");
    }

    private SupervisorAnswer discard() {
        if (pod.volume.state.destroying().isPresent()) {
            return rc(75, "marked destroying");
        }
        takes(5, 200);
        pod.volume.dataOld = Optional.empty();
        return rc(0, "");
    }
}
