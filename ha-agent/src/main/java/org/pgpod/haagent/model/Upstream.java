package org.pgpod.haagent.model;

/**
 * The primary that a member follows, clones from, or rewinds to.
 *
 * @param pod its name
 * @param address its pod address; the peer port is the same for all members and is configuration
 * @param sqlPort where it takes clients
 */
public record Upstream(String pod, String address, int sqlPort) {
    /** {@code address:port} for clients. */
    public String clientEndpoint() {
        return address + ":" + sqlPort;
    }
}
