package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/** The next {@link ClusterRecord}, made from the last one; what is not named stays, voters and w above all. */
public final class ClusterRecordChange {
    private Epoch epoch;
    private ClusterRecord.Phase phase;
    private Optional<SystemId> systemId;
    private Optional<DataId> data;
    private Timeline timeline;
    private TimelineHistory history;
    private Lsn lsn;
    private boolean clean;
    private ClusterRecord.Mode mode;
    private boolean strict;
    private Voters promise;
    private Optional<String> prefer;
    private List<String> failed;
    private boolean pause;

    ClusterRecordChange(ClusterRecord from) {
        this.epoch = from.epoch();
        this.phase = from.phase();
        this.systemId = from.systemId();
        this.data = from.data();
        this.timeline = from.timeline();
        this.history = from.history();
        this.lsn = from.lsn();
        this.clean = from.clean();
        this.mode = from.mode();
        this.strict = from.strict();
        this.promise = from.promise();
        this.prefer = from.prefer();
        this.failed = from.failed();
        this.pause = from.pause();
    }

    public ClusterRecordChange epoch(Epoch next) {
        epoch = next;
        return this;
    }

    public ClusterRecordChange phase(ClusterRecord.Phase next) {
        phase = next;
        return this;
    }

    public ClusterRecordChange systemId(SystemId next) {
        systemId = Optional.of(next);
        return this;
    }

    public ClusterRecordChange data(DataId next) {
        data = Optional.of(next);
        return this;
    }

    public ClusterRecordChange timeline(Timeline next) {
        timeline = next;
        return this;
    }

    public ClusterRecordChange history(TimelineHistory next) {
        history = next;
        return this;
    }

    public ClusterRecordChange lsn(Lsn next) {
        lsn = next;
        return this;
    }

    public ClusterRecordChange clean(boolean next) {
        clean = next;
        return this;
    }

    public ClusterRecordChange mode(ClusterRecord.Mode nextMode, boolean nextStrict) {
        mode = nextMode;
        strict = nextStrict;
        return this;
    }

    /** The only way to other voters: the caller has proved that they have what was acknowledged (rule R11). */
    public ClusterRecordChange promise(Voters next) {
        promise = next;
        return this;
    }

    public ClusterRecordChange prefer(Optional<String> next) {
        prefer = next;
        return this;
    }

    public ClusterRecordChange failed(List<String> next) {
        failed = List.copyOf(next);
        return this;
    }

    public ClusterRecordChange pause(boolean next) {
        pause = next;
        return this;
    }

    public ClusterRecord build() {
        return new ClusterRecord(
                epoch,
                phase,
                systemId,
                data,
                timeline,
                history,
                lsn,
                clean,
                mode,
                strict,
                promise.w(),
                promise.members(),
                prefer,
                failed,
                pause);
    }
}
