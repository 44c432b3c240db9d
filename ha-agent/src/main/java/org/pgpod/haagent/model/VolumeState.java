package org.pgpod.haagent.model;

import java.util.Optional;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Timeline;

/**
 * {@code pgpod/state} on the volume: what a member must remember through any restart. Only the supervisor writes it.
 *
 * @param data the data directory in use; empty for an empty volume
 * @param systemId its system identifier
 * @param epoch the epoch that began {@code timeline}, as far as this copy knows
 * @param timeline the timeline this copy last belonged to
 * @param frozen the version of the leader Lease it froze for, while frozen
 * @param destroying {@code clone} or {@code rewind} while destructive work is unfinished
 */
public record VolumeState(
        Optional<DataId> data,
        Optional<SystemId> systemId,
        Epoch epoch,
        Optional<Timeline> timeline,
        Optional<String> frozen,
        Optional<String> destroying) {

    /** A volume on which nothing was ever made. */
    public static final VolumeState EMPTY = new VolumeState(
            Optional.empty(), Optional.empty(), Epoch.NONE, Optional.empty(), Optional.empty(), Optional.empty());

    private static final String VERSION_KEY = "pgpod-volume";
    private static final String VERSION = "1";
    private static final String NOTHING = "-";

    /** Whether there is a data directory in place; one that is being made has an id, but no system identifier yet. */
    public boolean hasData() {
        return data.isPresent() && systemId.isPresent();
    }

    /** Reads the one line of the file; another version is {@link Parsed.Unknown}. */
    public static Parsed<VolumeState> parse(String text) {
        return OneLine.read(text, VERSION_KEY, VERSION, VolumeState::read);
    }

    private static VolumeState read(KeyValueLine line) {
        long timeline = OneLine.present(line, "timeline").map(Long::parseLong).orElse(0L);
        return new VolumeState(
                OneLine.present(line, "data").map(DataId::new),
                OneLine.present(line, "systemId").map(SystemId::new),
                OneLine.present(line, "epoch")
                        .map(Long::parseLong)
                        .map(Epoch::new)
                        .orElse(Epoch.NONE),
                timeline == 0 ? Optional.empty() : Optional.of(new Timeline(Math.toIntExact(timeline))),
                OneLine.present(line, "frozen"),
                OneLine.present(line, "destroying"));
    }

    /** The one line of the file, with its line end. */
    public String format() {
        return VERSION_KEY + "=" + VERSION
                + " data=" + data.map(DataId::text).orElse(NOTHING)
                + " systemId=" + systemId.map(SystemId::text).orElse(NOTHING)
                + " epoch=" + epoch
                + " timeline=" + timeline.map(Timeline::id).orElse(0)
                + " frozen=" + frozen.orElse(NOTHING)
                + " destroying=" + destroying.orElse(NOTHING)
                + " end\n";
    }
}
