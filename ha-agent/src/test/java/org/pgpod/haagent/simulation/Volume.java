package org.pgpod.haagent.simulation;

import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.VolumeState;

/** What a member keeps through any restart: {@code pgpod/state}, the data directories, and the lock of who uses them. */
final class Volume {
    VolumeState state = VolumeState.EMPTY;
    Optional<DataDirectory> data = Optional.empty();
    Optional<DataDirectory> dataNew = Optional.empty();
    Optional<DataDirectory> dataOld = Optional.empty();

    /** Whether {@link #dataNew} is whole. */
    boolean complete;

    /** Who holds {@code pgpod/lock}: a supervisor, or what it left behind. */
    Optional<Supervisor> locker = Optional.empty();

    void wipe() {
        state = VolumeState.EMPTY;
        data = Optional.empty();
        dataNew = Optional.empty();
        dataOld = Optional.empty();
        complete = false;
    }

    void data(DataId next) {
        state = new VolumeState(
                Optional.of(next),
                state.systemId(),
                state.epoch(),
                state.timeline(),
                state.frozen(),
                state.destroying());
    }

    void systemId(SystemId next) {
        state = new VolumeState(
                state.data(), Optional.of(next), state.epoch(), state.timeline(), state.frozen(), state.destroying());
    }

    void epoch(Epoch next) {
        state = new VolumeState(
                state.data(), state.systemId(), next, state.timeline(), state.frozen(), state.destroying());
    }

    void timeline(Timeline next) {
        state = new VolumeState(
                state.data(), state.systemId(), state.epoch(), Optional.of(next), state.frozen(), state.destroying());
    }

    void frozen(Optional<String> next) {
        state = new VolumeState(
                state.data(), state.systemId(), state.epoch(), state.timeline(), next, state.destroying());
    }

    void destroying(Optional<String> next) {
        state = new VolumeState(state.data(), state.systemId(), state.epoch(), state.timeline(), state.frozen(), next);
    }

    /** Whether it has a usable copy of all WAL up to {@code end} of {@code wal}. */
    boolean keeps(Wal wal, long end) {
        return state.destroying().isEmpty()
                && data.filter(directory -> directory.covers(wal, end)).isPresent();
    }
}
