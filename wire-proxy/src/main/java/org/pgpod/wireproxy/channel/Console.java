package org.pgpod.wireproxy.channel;

import java.util.Optional;
import java.util.Set;
import org.pgpod.wireproxy.console.Tables;

/**
 * The admin database: who may use it and what it shows.
 *
 * @param database its name
 * @param admins roles that may do everything
 * @param readers roles that may look
 * @param tables what is shown
 * @param reload looks at the files again that may have changed; may wait for them
 */
public record Console(String database, Set<String> admins, Set<String> readers, Tables tables, Runnable reload) {
    /** What a user may do. */
    enum Right {
        ADMIN,
        READER
    }

    public Console {
        admins = Set.copyOf(admins);
        readers = Set.copyOf(readers);
    }

    /** What this role may do; empty if it may not come in. */
    Optional<Right> rightOf(String role) {
        if (admins.contains(role)) {
            return Optional.of(Right.ADMIN);
        }
        return readers.contains(role) ? Optional.of(Right.READER) : Optional.empty();
    }
}
