package org.pgpod.haagent.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a cluster that does not exist yet gets its first data.
 *
 * @param member the one pod that may found it; empty if any may
 * @param restoreCommand the program and its arguments that fill a directory, for {@link Method#RESTORE}
 * @param recovery the parameters with which the restored server recovers, by name
 */
public record BootstrapSettings(
        Method method, Optional<String> member, List<String> restoreCommand, Map<String, String> recovery) {
    /** Where the first data come from. */
    public enum Method {
        /** A new, empty cluster. */
        INITDB,
        /** The data directory that another server left on the volume. */
        ADOPT,
        /** A copy from elsewhere, recovered up to a target. */
        RESTORE
    }

    /** A new cluster, founded by any member. */
    public static final BootstrapSettings STANDARD =
            new BootstrapSettings(Method.INITDB, Optional.empty(), List.of(), Map.of());

    public BootstrapSettings {
        restoreCommand = List.copyOf(restoreCommand);
        recovery = Map.copyOf(recovery);
    }

    public boolean mayFound(String pod) {
        return member.isEmpty() || member.get().equals(pod);
    }
}
