package org.pgpod.haagent;

import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.conf.Tuning;

/** The limits of the Postgres container, which this one cannot see. */
final class TuningOptions {
    private static final long MEMORY_MAX = 1L << 46;
    private static final int CPUS_MAX = 1_024;

    static final Option<Long> CONTAINER_MEMORY = Options.bytes(
                    "containerMemory",
                    0,
                    MEMORY_MAX,
                    "The memory limit of the Postgres container, as injection hands it over by the downward API. `0B`: it has"
                            + " none, or nobody said.")
            .withDefault("0B");
    static final Option<Integer> CONTAINER_CPUS = Options.number(
                    "containerCpus",
                    0,
                    CPUS_MAX,
                    "The CPU limit of the Postgres container, rounded up, as injection hands it over by the downward API. `0`: it"
                            + " has none, or nobody said.")
            .withDefault("0");
    static final Option<Optional<Long>> MEMORY = orElse(
            "postgresMemory",
            CONTAINER_MEMORY,
            "How much memory the Postgres container may use, for `shared_buffers` and what else follows from it while nobody"
                    + " names it. Empty: `containerMemory`. `0B`: as Postgres has it.");
    static final Option<Optional<Integer>> CPUS = orElse(
            "postgresCpus",
            CONTAINER_CPUS,
            "How many processors the Postgres container may use, for `max_parallel_workers` and `max_worker_processes` while"
                    + " nobody names them. Empty: `containerCpus`. `0`: as Postgres has it.");

    /** The same values, or none, which leaves it to the other option. */
    private static <T> Option<Optional<T>> orElse(String key, Option<T> other, String description) {
        return Options.<Optional<T>>of(
                        key,
                        other.allowed() + ", or empty",
                        description,
                        text -> text.isBlank()
                                ? Optional.empty()
                                : Optional.of(other.parser().parse(text)))
                .withDefault("");
    }

    private TuningOptions() {}

    static Tuning from(Values values) {
        return new Tuning(
                values.get(MEMORY).orElseGet(() -> values.get(CONTAINER_MEMORY)),
                values.get(CPUS).orElseGet(() -> values.get(CONTAINER_CPUS)));
    }
}
