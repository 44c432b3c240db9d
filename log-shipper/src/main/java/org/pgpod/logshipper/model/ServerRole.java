package org.pgpod.logshipper.model;

/**
 * What a server is in its cluster.
 *
 * @param name {@code primary}, {@code standby} or {@code none}
 * @param timeline the timeline that it writes or follows; 0 when that is not known
 */
public record ServerRole(String name, long timeline) {
    public ServerRole {
        if (timeline < 0) {
            throw new IllegalArgumentException("a timeline is " + timeline + "; it must be 0 or more");
        }
    }
}
