package org.pgpod.haagent;

import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.conf.Tuning;

/** The limits of the Postgres container, which this one cannot see. */
final class TuningOptions {
    private static final long MEMORY_MAX = 1L << 46;
    private static final int CPUS_MAX = 1_024;

    static final Option<Long> MEMORY = Options.bytes(
                    "postgresMemory",
                    0,
                    MEMORY_MAX,
                    "The memory limit of the Postgres container, for `shared_buffers` and what else follows from it while nobody"
                            + " names it. `0B`: as Postgres has it.")
            .withDefault("0B");
    static final Option<Integer> CPUS = Options.number(
                    "postgresCpus",
                    0,
                    CPUS_MAX,
                    "How many processors the Postgres container may use, rounded up, for `max_parallel_workers` and"
                            + " `max_worker_processes` while nobody names them. `0`: as Postgres has it.")
            .withDefault("0");

    private TuningOptions() {}

    static Tuning from(Values values) {
        return new Tuning(values.get(MEMORY), values.get(CPUS));
    }
}
