package org.pgpod.haagent.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgpod.core.postgres.Lsn;

/**
 * What a member says of its running server.
 *
 * @param inForce the parameters on which others depend, as its Postgres runs with them; unknown while it is down
 * @param pending parameters that will change only with a restart
 * @param slots as the primary: from where on its physical permanent slots keep WAL
 */
public record ServerReport(SensitiveValues inForce, SortedMap<String, Change> pending, SortedMap<String, Lsn> slots) {
    /** Nothing was reported. */
    public static final ServerReport NONE = new ServerReport(SensitiveValues.UNKNOWN, new TreeMap<>());

    /** What a parameter is and what it will be. */
    public record Change(String from, String to) {}

    public ServerReport {
        pending = Collections.unmodifiableSortedMap(new TreeMap<>(pending));
        slots = Collections.unmodifiableSortedMap(new TreeMap<>(slots));
    }

    /** A report that says nothing of slots. */
    public ServerReport(SensitiveValues inForce, SortedMap<String, Change> pending) {
        this(inForce, pending, new TreeMap<>());
    }

    /** The same with these positions of slots. */
    public ServerReport withSlots(SortedMap<String, Lsn> positions) {
        return new ServerReport(inForce, pending, positions);
    }
}
