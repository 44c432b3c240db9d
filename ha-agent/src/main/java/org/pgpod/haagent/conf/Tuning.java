package org.pgpod.haagent.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Parameters that fit the limits of the Postgres container, for as long as nobody names them. Equal limits give equal values on
 * every member.
 *
 * @param memoryBytes what the container may use; 0 leaves everything that follows from memory as Postgres has it
 * @param cpus how many processors it may use, rounded up; 0 leaves everything that follows from them as Postgres has it
 */
public record Tuning(long memoryBytes, int cpus) {
    /** Everything as Postgres has it. */
    public static final Tuning NONE = new Tuning(0, 0);

    private static final long MIB = 1L << 20;

    /** What Postgres uses when nobody says otherwise. */
    private static final int STANDARD_CONNECTIONS = 100;

    private static final int STANDARD_WORKERS = 8;

    /** Fewer would not be enough for pgpod's own sessions, the reserved ones, and clients. */
    private static final int LEAST_CONNECTIONS = 25;

    /** A session costs some of this before it has done anything. */
    private static final long MIB_PER_CONNECTION = 10;

    /** Sorts and hashes of all sessions together are meant to stay within this part of the memory. */
    private static final int WORK_SHARE = 4;

    /** The parameters; {@code connections} is what somebody says of {@code max_connections}. */
    Map<String, String> parameters(Optional<String> connections) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (memoryBytes > 0) {
            long memory = memoryBytes / MIB;
            long bound = within(LEAST_CONNECTIONS, memory / MIB_PER_CONNECTION, STANDARD_CONNECTIONS);
            long sessions = connections
                    .filter(text -> text.matches("[1-9][0-9]{0,5}"))
                    .map(Long::parseLong)
                    .orElse(bound);
            parameters.put("max_connections", Long.toString(bound));
            parameters.put("shared_buffers", Math.max(16, memory / 4) + "MB");
            parameters.put("effective_cache_size", Math.max(16, memory / 2) + "MB");
            parameters.put("maintenance_work_mem", within(16, memory / 32, 1_024) + "MB");
            parameters.put("work_mem", within(1, memory / WORK_SHARE / sessions, 64) + "MB");
        }
        if (cpus > 0) {
            parameters.put("max_worker_processes", Integer.toString(Math.max(STANDARD_WORKERS, cpus)));
            parameters.put("max_parallel_workers", Integer.toString(cpus));
        }
        return parameters;
    }

    private static long within(long least, long value, long most) {
        return Math.min(most, Math.max(least, value));
    }
}
