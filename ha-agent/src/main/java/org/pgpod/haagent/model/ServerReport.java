package org.pgpod.haagent.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a member says of the configuration of its running server.
 *
 * @param inForce the parameters on which others depend, as its Postgres runs with them; unknown while it is down
 * @param pending parameters that will change only with a restart
 */
public record ServerReport(SensitiveValues inForce, SortedMap<String, Change> pending) {
    /** Nothing was reported. */
    public static final ServerReport NONE = new ServerReport(SensitiveValues.UNKNOWN, new TreeMap<>());

    /** What a parameter is and what it will be. */
    public record Change(String from, String to) {}

    public ServerReport {
        pending = Collections.unmodifiableSortedMap(new TreeMap<>(pending));
    }
}
