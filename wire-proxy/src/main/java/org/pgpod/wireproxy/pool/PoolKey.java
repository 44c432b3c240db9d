package org.pgpod.wireproxy.pool;

import java.util.Map;

/**
 * What two clients must have in common to use the same server connections: database, role, and what they asked for when
 * they logged in, so that {@code RESET} and {@code DISCARD ALL} bring back the settings of each.
 *
 * @param parameters parameters of the startup packet besides user, database and application_name
 */
public record PoolKey(String database, String user, Map<String, String> parameters) {
    public PoolKey {
        parameters = Map.copyOf(parameters);
    }
}
