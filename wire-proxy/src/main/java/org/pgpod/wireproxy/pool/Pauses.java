package org.pgpod.wireproxy.pool;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which databases are paused: one by one, and all at once, each taken back by itself. */
public final class Pauses {
    private final Set<String> databases = new HashSet<>();
    private boolean all;

    void begin(@Nullable String database) {
        if (database == null) {
            all = true;
        } else {
            databases.add(database);
        }
    }

    void end(@Nullable String database) {
        if (database == null) {
            all = false;
        } else {
            databases.remove(database);
        }
    }

    /** Whether everything is paused. */
    public boolean areOfAll() {
        return all;
    }

    /** The databases that are paused by name. */
    public Set<String> databases() {
        return Set.copyOf(databases);
    }

    /** Whether clients of this database wait for a pause to end. */
    public boolean concern(String database) {
        return all || databases.contains(database);
    }
}
