package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.Reading;

/** Reads what the supervisor says of itself ({@code run/supervisor/state}) and of the volume ({@code pgpod/state}). */
public final class SupervisorReader {
    private static final int ATTEMPTS_MAX = 50;

    private final Path stateFile;
    private final Path volume;
    private final BootClock clock;
    private volatile @Nullable SupervisorState lastState;

    public SupervisorReader(Path supervisorDirectory, Path volumeDirectory, BootClock clock) {
        this.stateFile = supervisorDirectory.resolve("state");
        this.volume = volumeDirectory.resolve("pgpod");
        this.clock = clock;
    }

    /**
     * The state now. The supervisor writes it in place, so that a reader may find it torn: it then reads again, and at last
     * falls back on its last whole reading, which carries its own age.
     */
    public Reading<SupervisorState> readState() {
        Reading<SupervisorState> reading = readStateOnce();
        for (int attempt = 1; attempt < ATTEMPTS_MAX && reading instanceof Reading.Failure; attempt++) {
            if (!Files.exists(stateFile)) {
                return reading;
            }
            Thread.onSpinWait();
            reading = readStateOnce();
        }
        if (reading instanceof Reading.Value<SupervisorState>(SupervisorState state)) {
            lastState = state;
            return reading;
        }
        SupervisorState last = lastState;
        return last == null ? reading : Reading.of(last);
    }

    private Reading<SupervisorState> readStateOnce() {
        try {
            Parsed<SupervisorState> parsed = SupervisorState.parse(SmallFile.read(stateFile, KeyValueLine.LENGTH_MAX));
            return switch (parsed) {
                case Parsed.Valid<SupervisorState>(SupervisorState state)
                when state.bootId().equals(clock.bootId()) -> Reading.of(state);
                case Parsed.Valid<SupervisorState> ignored ->
                    Reading.failed("the supervisor's state is of another boot");
                case Parsed.Unknown<SupervisorState>(String what) ->
                    Reading.failed("the supervisor's state is of an unknown version: " + what);
                case Parsed.Malformed<SupervisorState>(String why) ->
                    Reading.failed("the supervisor's state is not readable: " + why);
            };
        } catch (NoSuchFileException absent) {
            return Reading.failed("there is no supervisor: " + stateFile + " is missing");
        } catch (IOException unreadable) {
            return Reading.failed("the supervisor's state cannot be read: " + unreadable.getMessage());
        }
    }

    /** The volume's state; a volume on which nothing was ever made has no such file. */
    public Reading<VolumeState> readVolume() {
        try {
            return switch (VolumeState.parse(SmallFile.read(volume.resolve("state"), KeyValueLine.LENGTH_MAX))) {
                case Parsed.Valid<VolumeState>(VolumeState state) -> Reading.of(state);
                case Parsed.Unknown<VolumeState>(String what) ->
                    Reading.failed("the volume's state is of an unknown version: " + what);
                case Parsed.Malformed<VolumeState>(String why) ->
                    Reading.failed("the volume's state is not readable: " + why);
            };
        } catch (NoSuchFileException absent) {
            return Files.isDirectory(volume)
                    ? Reading.of(VolumeState.EMPTY)
                    : Reading.failed("the supervisor has not taken the volume yet");
        } catch (IOException unreadable) {
            return Reading.failed("the volume's state cannot be read: " + unreadable.getMessage());
        }
    }
}
