package org.pgpod.haagent.model.port;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.VolumeState;

/** The supervisor's mailbox of files. Implementations add {@code instance} and {@code by} to each request. */
public interface SupervisorPort {
    /** Reads {@code run/supervisor/state}; a file of another boot, torn or of an unknown version is a failure. */
    Reading<SupervisorState> readState();

    /** Reads {@code pgpod/state} from the volume; an absent file is {@link VolumeState#EMPTY}. */
    Reading<VolumeState> readVolume();

    /** Reads {@code run/supervisor/storage}, from memory only; absent, torn or of another boot is a failure. */
    Reading<StorageState> readStorage();

    /** How far the clone or rewind that {@code state} names has come; empty when there is none, or it does not say. */
    Optional<ToolProgress> readProgress(SupervisorState state);

    /** Places a request and waits for its answer. {@code by} is now plus {@code timeout}. */
    SupervisorAnswer perform(SupervisorRequest request, Duration timeout);

    /** Places a request and returns at once, without waiting for an answer, a lock or another request. */
    Effect send(SupervisorRequest request);
}
