package org.pgpod.wireproxy.channel;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.pgpod.wireproxy.pool.PoolKey;
import org.pgpod.wireproxy.protocol.FatalError;

/** Bounds how many pooled clients a database and a role have, over all event loops. A cap of 0 is none. */
public final class ClientCaps {
    private final int perDatabase;
    private final int perUser;
    private final Map<String, Integer> ofDatabase = new ConcurrentHashMap<>();
    private final Map<String, Integer> ofUser = new ConcurrentHashMap<>();

    public ClientCaps(int perDatabase, int perUser) {
        this.perDatabase = perDatabase;
        this.perUser = perUser;
    }

    /** Takes a place, which {@link #leave} gives up; or says which cap is reached. */
    Optional<FatalError> enter(PoolKey key) {
        if (!takes(ofDatabase, key.database(), perDatabase)) {
            return Optional.of(PoolRefusals.tooManyClients("database", key.database()));
        }
        if (!takes(ofUser, key.user(), perUser)) {
            gives(ofDatabase, key.database());
            return Optional.of(PoolRefusals.tooManyClients("role", key.user()));
        }
        return Optional.empty();
    }

    void leave(PoolKey key) {
        gives(ofDatabase, key.database());
        gives(ofUser, key.user());
    }

    private static boolean takes(Map<String, Integer> counts, String name, int most) {
        boolean room = counts.merge(name, 1, Integer::sum) <= most || most == 0;
        if (!room) {
            gives(counts, name);
        }
        return room;
    }

    private static void gives(Map<String, Integer> counts, String name) {
        counts.computeIfPresent(name, (same, count) -> count == 1 ? null : count - 1);
    }
}
