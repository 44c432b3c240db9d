package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.Reading;

/**
 * Reads what the supervisor says of itself ({@code run/supervisor/state}), of the volume ({@code pgpod/state}) and of its
 * health ({@code run/supervisor/storage}).
 */
public final class SupervisorReader {
    private static final int ATTEMPTS_MAX = 50;
    private static final int OUTPUT_TAIL_BYTES = 1_024;

    private final Path stateFile;
    private final Path storageFile;
    private final Path answers;
    private final Path volume;
    private final BootClock clock;
    private volatile @Nullable SupervisorState lastState;

    public SupervisorReader(Path supervisorDirectory, Path volumeDirectory, BootClock clock) {
        this.stateFile = supervisorDirectory.resolve("state");
        this.storageFile = supervisorDirectory.resolve("storage");
        this.answers = supervisorDirectory.resolve("ans");
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

    /** How the probe of the volume went. Only a file in memory is read, so that a stuck disk cannot hold this up. */
    public Reading<StorageState> readStorage() {
        try {
            return switch (StorageState.parse(SmallFile.read(storageFile, KeyValueLine.LENGTH_MAX))) {
                case Parsed.Valid<StorageState>(StorageState state) ->
                    state.bootId().equals(clock.bootId())
                            ? Reading.of(state)
                            : Reading.failed("the report of the volume's probe is of another boot");
                case Parsed.Unknown<StorageState>(String what) ->
                    Reading.failed("the report of the volume's probe is of an unknown version: " + what);
                case Parsed.Malformed<StorageState>(String why) ->
                    Reading.failed("the report of the volume's probe is not readable: " + why);
            };
        } catch (NoSuchFileException absent) {
            return Reading.failed("the volume has not been probed yet");
        } catch (IOException unreadable) {
            return Reading.failed("the report of the volume's probe cannot be read: " + unreadable.getMessage());
        }
    }

    /** How far the clone or rewind has come that {@code state} names as its job; empty when it names none. */
    public Optional<ToolProgress> readProgress(SupervisorState state) {
        Optional<String> job = state.job().filter(name -> name.endsWith("-clone") || name.endsWith("-rewind"));
        if (job.isEmpty()) {
            return Optional.empty();
        }
        String operation = job.get().substring(job.get().indexOf('-') + 1);
        try {
            return ToolProgress.parse(
                    operation, SmallFile.tail(answers.resolve(job.get() + ".out"), OUTPUT_TAIL_BYTES));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }
}
