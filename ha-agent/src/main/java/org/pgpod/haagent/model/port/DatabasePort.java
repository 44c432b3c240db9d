package org.pgpod.haagent.model.port;

import java.time.Duration;
import java.util.Set;
import org.pgpod.haagent.model.DatabaseFacts;

/** The local Postgres over SQL, through its Unix socket, as {@code pgpod_agent}. */
public interface DatabasePort {
    /** Reads all facts over one connection. */
    Reading<DatabaseFacts> read(Duration timeout);

    /** Whether a new session gets a first word within {@code timeout}; a failure when that could not be found out. */
    Reading<Boolean> answers(Duration timeout);

    /** Runs {@code CHECKPOINT}. */
    Effect checkpoint(Duration timeout);

    /** Creates pgpod's roles where they are missing and gives them their current passwords. Needs a writable server. */
    Effect ensureRoles(Duration timeout);

    /** Makes what the new cluster is to hold and does not have yet; each SQL file runs once. Needs a writable server. */
    Effect populate(Duration timeout);

    /**
     * Makes the physical slots that are missing, which then keep WAL from the last checkpoint on. One that has lost its WAL
     * and that nobody uses is made anew. Needs a writable server.
     */
    Effect ensureSlots(Set<String> wanted, Duration timeout);
}
