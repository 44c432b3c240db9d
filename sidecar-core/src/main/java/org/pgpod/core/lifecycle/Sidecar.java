package org.pgpod.core.lifecycle;

import java.io.IOException;

/**
 * One running sidecar. {@link #start} returns once it works or throws with one clear sentence; {@link #stop} is called
 * once, may be called after a failed start, and returns when nothing of the sidecar runs any more.
 */
public interface Sidecar {
    /** Starts it; an {@link IOException} says in one sentence what stands in the way: a port in use, a missing file. */
    void start() throws IOException;

    /** What it says of itself; answered at once, from memory. */
    Health health();

    /** Stops in order: no new work, running work finished or given back, resources closed. */
    void stop();
}
