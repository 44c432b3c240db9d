package org.pgpod.wireproxy.pool;

import java.util.Map;

/**
 * What two clients must have in common to use the same server connections: the server, database, role, and what they
 * asked for when they logged in, so that {@code RESET} and {@code DISCARD ALL} bring back the settings of each.
 *
 * @param parameters parameters of the startup packet besides user, database and application_name
 */
public record PoolKey(String database, String user, Map<String, String> parameters, Server server) {
    /** Which server the connections lead to. */
    public enum Server {
        OF_THIS_POD,
        /** The primary, while it is in another pod. */
        OF_LEADER
    }

    public PoolKey {
        parameters = Map.copyOf(parameters);
    }

    /** For the server of this pod. */
    public PoolKey(String database, String user, Map<String, String> parameters) {
        this(database, user, parameters, Server.OF_THIS_POD);
    }

    /** The same at another server. */
    public PoolKey at(Server other) {
        return other == server ? this : new PoolKey(database, user, parameters, other);
    }
}
