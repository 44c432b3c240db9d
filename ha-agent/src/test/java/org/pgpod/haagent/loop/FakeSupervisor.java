package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorAnswer;
import org.pgpod.haagent.model.port.SupervisorPort;

/** The supervisor of one pod in memory: every request is carried out at once, under the supervisor's own rules. */
final class FakeSupervisor implements SupervisorPort {
    private static final long ROOM = 1L << 40;

    private final FakePod pod;
    private Optional<FakePostgres> dataNew = Optional.empty();
    private long pid = 1;

    FakeSupervisor(FakePod pod) {
        this.pod = pod;
    }

    @Override
    public Reading<SupervisorState> readState() {
        if (!pod.supervisorAlive) {
            return Reading.failed("dead");
        }
        SupervisorState.Mode mode = !pod.postgres.up
                ? SupervisorState.Mode.NONE
                : pod.postgres.inRecovery ? SupervisorState.Mode.STANDBY : SupervisorState.Mode.PRIMARY;
        return Reading.of(new SupervisorState(
                "boot",
                "instance",
                pod.cluster.time.nowMillis(),
                pod.postgres.up ? SupervisorState.Postgres.UP : SupervisorState.Postgres.DOWN,
                mode,
                pod.postgres.up ? pid : 0,
                0,
                0,
                Optional.empty(),
                pod.volume.data()));
    }

    @Override
    public Reading<VolumeState> readVolume() {
        return Reading.of(pod.volume);
    }

    @Override
    public Reading<StorageState> readStorage() {
        long now = pod.cluster.time.nowMillis();
        StorageState well = new StorageState("boot", now, 0, ROOM, ROOM, Optional.empty());
        return Reading.of(pod.disk
                .map(trouble -> switch (trouble) {
                    case FULL -> new StorageState("boot", now, 0, 0, ROOM, Optional.empty());
                    case FAILING -> new StorageState("boot", now, 0, ROOM, ROOM, Optional.of(StorageState.Problem.EIO));
                    case STUCK ->
                        new StorageState("boot", pod.diskMillis, pod.diskMillis, ROOM, ROOM, Optional.empty());
                })
                .orElse(well));
    }

    @Override
    public Optional<ToolProgress> readProgress(SupervisorState state) {
        return Optional.empty();
    }

    @Override
    public Effect send(SupervisorRequest request) {
        return perform(request, Duration.ZERO).succeeded() ? new Effect.Changed() : new Effect.Failed("refused");
    }

    @Override
    public SupervisorAnswer perform(SupervisorRequest request, Duration timeout) {
        if (!pod.supervisorAlive) {
            return new SupervisorAnswer.Unanswered("dead");
        }
        Map<String, String> words = new HashMap<>();
        request.words().forEach(word -> words.put(word.split("=", 2)[0], word.split("=", 2)[1]));
        return switch (request.operation()) {
            case START -> start(words);
            case STOP -> stop(words.getOrDefault("how", ""));
            case PROMOTE -> promote(words);
            case RELOAD -> reload();
            case INITDB -> {
                dataNew = Optional.of(new FakePostgres(new SystemId(pod.cluster.newSystemId())));
                yield rc(0, "");
            }
            case ADOPT, RESTORE -> rc(64, "there is nothing to adopt or to restore");
            case CLONE -> cloneFrom();
            case SWAP -> swap();
            case REWIND -> rewind();
            case RECOVER -> {
                pod.postgres.write();
                pod.postgres.state = "shut down";
                yield rc(0, "");
            }
            case CONTROLDATA ->
                rc(0, words.containsKey("dir") ? dataNew.orElseThrow().controlData() : pod.postgres.controlData());
            case MARK -> mark(words);
            case DISCARD, CANCEL -> rc(0, "");
        };
    }

    private static SupervisorAnswer rc(int rc, String output) {
        return new SupervisorAnswer.Answered(rc, output);
    }

    private SupervisorAnswer start(Map<String, String> words) {
        boolean primary = "primary".equals(words.get("mode"));
        if (pod.postgres.up || !pod.volume.hasData()) {
            return rc(73, "");
        }
        if (primary && !pod.mayWrite(new Epoch(Long.parseLong(words.getOrDefault("epoch", "0"))))) {
            return rc(72, "no valid token");
        }
        pod.postgres.up = true;
        pod.postgres.inRecovery = !primary;
        pod.postgres.settings = pod.files;
        pid++;
        return rc(0, "");
    }

    private SupervisorAnswer stop(String how) {
        if (!"fast".equals(how)) {
            pod.postgres.crash();
            return rc(0, "");
        }
        if (pod.postgres.writable()) {
            pod.postgres.write();
            pod.cluster.stream();
            pod.postgres.state = "shut down";
        } else if (pod.postgres.up) {
            pod.postgres.state = "shut down in recovery";
        }
        pod.postgres.up = false;
        pod.postgres.streaming = false;
        return rc(0, "");
    }

    private SupervisorAnswer promote(Map<String, String> words) {
        Epoch epoch = new Epoch(Long.parseLong(words.getOrDefault("epoch", "")));
        int timeline = Integer.parseInt(words.getOrDefault("timeline", ""));
        if (pod.refusesPromotion || !pod.postgres.up || !pod.postgres.inRecovery || !pod.mayWrite(epoch)) {
            return rc(73, "");
        }
        pod.volume = new VolumeState(
                pod.volume.data(),
                pod.volume.systemId(),
                epoch,
                Optional.of(new Timeline(timeline)),
                pod.volume.frozen(),
                pod.volume.destroying());
        pod.postgres.promote(timeline);
        return rc(0, "");
    }

    private SupervisorAnswer reload() {
        pod.postgres.settings = pod.files;
        if (!(pod.files.orElse(null) instanceof PostgresSettings.Standby)) {
            pod.postgres.streaming = false;
        }
        return rc(0, "");
    }

    private SupervisorAnswer cloneFrom() {
        if (pod.toolUpstream.isEmpty() || !pod.toolUpstream.get().postgres.writable()) {
            return rc(1, "no connection");
        }
        dataNew = Optional.of(pod.toolUpstream.get().postgres.copy());
        return rc(0, "");
    }

    private SupervisorAnswer swap() {
        pod.postgres = dataNew.orElseThrow();
        dataNew = Optional.empty();
        pod.volume = new VolumeState(
                Optional.of(pod.cluster.newDataId()),
                Optional.of(pod.postgres.systemId),
                pod.volume.epoch(),
                pod.volume.timeline(),
                Optional.empty(),
                Optional.empty());
        return rc(0, "");
    }

    private SupervisorAnswer rewind() {
        if (pod.toolUpstream.isEmpty() || !pod.toolUpstream.get().postgres.writable()) {
            return rc(1, "no connection");
        }
        FakePostgres source = pod.toolUpstream.get().postgres;
        if (source.checkpointTimeline != source.timeline()) {
            return rc(1, "rewound to a source before its checkpoint");
        }
        pod.cluster.rewinds.add(pod.name);
        pod.postgres = source.copy();
        pod.volume = new VolumeState(
                Optional.of(pod.cluster.newDataId()),
                pod.volume.systemId(),
                pod.volume.epoch(),
                pod.volume.timeline(),
                pod.volume.frozen(),
                Optional.empty());
        return rc(0, "");
    }

    private SupervisorAnswer mark(Map<String, String> words) {
        VolumeState next = pod.volume;
        for (Map.Entry<String, String> word : words.entrySet()) {
            Optional<String> value = Optional.of(word.getValue()).filter(text -> !text.equals("-"));
            next = switch (word.getKey()) {
                case "frozen" ->
                    new VolumeState(
                            next.data(), next.systemId(), next.epoch(), next.timeline(), value, next.destroying());
                case "epoch" ->
                    new VolumeState(
                            next.data(),
                            next.systemId(),
                            new Epoch(Long.parseLong(word.getValue())),
                            next.timeline(),
                            next.frozen(),
                            next.destroying());
                case "timeline" ->
                    new VolumeState(
                            next.data(),
                            next.systemId(),
                            next.epoch(),
                            Optional.of(new Timeline(Integer.parseInt(word.getValue()))),
                            next.frozen(),
                            next.destroying());
                default -> throw new IllegalArgumentException(word.getKey());
            };
        }
        pod.volume = next;
        return rc(0, "");
    }
}
