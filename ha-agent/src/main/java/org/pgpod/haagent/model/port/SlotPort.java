package org.pgpod.haagent.model.port;

import java.time.Duration;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotStep;

/** The replication slots of the local Postgres. */
public interface SlotPort {
    /** Reads all of them over one connection. */
    Reading<SlotSighting> readSlots(Duration timeout);

    /** Carries out {@code step} if the server still is, or is not, in recovery as it was when it was seen. */
    Effect changeSlot(SlotStep step, boolean inRecovery, Duration timeout);
}
