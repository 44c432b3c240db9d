package org.pgpod.haagent.model.port;

import java.time.Duration;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.VolumeState;

/** The supervisor's mailbox of files. Implementations add {@code instance} and {@code by} to each request. */
public interface SupervisorPort {
    /** Reads {@code run/supervisor/state}; a file of another boot, torn or of an unknown version is a failure. */
    Reading<SupervisorState> readState();

    /** Reads {@code pgpod/state} from the volume; an absent file is {@link VolumeState#EMPTY}. */
    Reading<VolumeState> readVolume();

    /** Places a request and waits for its answer. {@code by} is now plus {@code timeout}. */
    SupervisorAnswer perform(SupervisorRequest request, Duration timeout);

    /** Places a request and returns at once, without waiting for an answer, a lock or another request. */
    Effect send(SupervisorRequest request);
}
