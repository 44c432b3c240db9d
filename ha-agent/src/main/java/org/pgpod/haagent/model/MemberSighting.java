package org.pgpod.haagent.model;

/**
 * A member as its Lease shows it, and when its Lease last moved by this observer's own boot clock.
 *
 * @param resourceVersion of its Lease
 * @param changedMillis when a new version of its Lease was processed here
 */
public record MemberSighting(MemberStatus status, String resourceVersion, long changedMillis) {
    /** Whether it showed life at {@code sinceMillis} or later. */
    public boolean aliveSince(long sinceMillis) {
        return changedMillis >= sinceMillis;
    }
}
