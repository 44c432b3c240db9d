package org.pgpod.haagent.model;

import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * A frozen member's statement of how far its WAL reaches, good only for the version of the leader Lease it names.
 *
 * @param resourceVersion the version of the leader Lease that the voter found expired or released
 * @param epoch the epoch in which the voter's timeline began, as its volume records it
 * @param timeline the timeline of its last WAL
 * @param lsn the end of its WAL: the greater of received and replayed, read with replay at its end
 */
public record Vote(String resourceVersion, Epoch epoch, Timeline timeline, Lsn lsn) {}
