package org.pgpod.haagent.model.port;

import java.util.Optional;
import org.pgpod.core.pod.LeaseToken;

/** {@code run/lease-token}. Used by the holder of {@code run/agent.lock} only. */
public interface TokenPort {
    /** Replaces the token atomically. Never logs, and waits for nothing but the file system in memory. */
    Effect write(LeaseToken token);

    /** The token that an earlier run of this agent left; empty when there is none that can be read. */
    Optional<LeaseToken> read();
}
