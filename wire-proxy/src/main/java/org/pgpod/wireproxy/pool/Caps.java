package org.pgpod.wireproxy.pool;

import java.util.HashMap;
import java.util.Map;

/** How many server connections there are for each database and role, against the caps that pools have in common. */
final class Caps {
    private final int perDatabase;
    private final int perUser;
    private final Map<String, Integer> ofDatabase = new HashMap<>();
    private final Map<String, Integer> ofUser = new HashMap<>();

    Caps(PoolLimits limits) {
        this.perDatabase = limits.perDatabase();
        this.perUser = limits.perUser();
    }

    void entered(PoolKey key) {
        ofDatabase.merge(key.database(), 1, Integer::sum);
        ofUser.merge(key.user(), 1, Integer::sum);
    }

    void left(PoolKey key) {
        ofDatabase.computeIfPresent(key.database(), (name, count) -> count == 1 ? null : count - 1);
        ofUser.computeIfPresent(key.user(), (name, count) -> count == 1 ? null : count - 1);
    }

    boolean isDatabaseFull(PoolKey key) {
        return perDatabase > 0 && ofDatabase.getOrDefault(key.database(), 0) >= perDatabase;
    }

    boolean isUserFull(PoolKey key) {
        return perUser > 0 && ofUser.getOrDefault(key.user(), 0) >= perUser;
    }

    boolean haveRoom(PoolKey key) {
        return !isDatabaseFull(key) && !isUserFull(key);
    }

    /** Whether the two have a cap in common. */
    boolean areShared(PoolKey one, PoolKey other) {
        return (perDatabase > 0 && one.database().equals(other.database()))
                || (perUser > 0 && one.user().equals(other.user()));
    }

    /** Whether the two have a cap in common that is reached. */
    boolean areSharedAndFull(PoolKey one, PoolKey other) {
        return (one.database().equals(other.database()) && isDatabaseFull(other))
                || (one.user().equals(other.user()) && isUserFull(other));
    }
}
