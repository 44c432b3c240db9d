package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A connection to Postgres that is logged in and was idle when this was made.
 *
 * @param channel has no handler but those that its owner adds
 * @param parameters what Postgres reported by ParameterStatus, in its order; one character for each byte
 * @param key empty if Postgres sent none
 * @param leader the pod of the primary through which it leads, {@code host:port}; empty if Postgres is that of this pod
 */
record BackendConnection(
        Channel channel, Map<String, String> parameters, Optional<BackendKey> key, Optional<String> leader) {
    BackendConnection {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }
}
