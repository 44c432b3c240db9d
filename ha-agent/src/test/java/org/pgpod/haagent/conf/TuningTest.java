package org.pgpod.haagent.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows from the limits of the Postgres container. */
class TuningTest {
    private static final long MIB = 1L << 20;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # MiB    | connections | max_connections | shared_buffers | effective_cache_size | maintenance_work_mem | work_mem
            32       |             | 25              | 16MB           | 16MB                 | 16MB                 | 1MB
            256      |             | 25              | 64MB           | 128MB                | 16MB                 | 2MB
            512      |             | 51              | 128MB          | 256MB                | 16MB                 | 2MB
            2048     |             | 100             | 512MB          | 1024MB               | 64MB                 | 5MB
            2048     | 500         | 100             | 512MB          | 1024MB               | 64MB                 | 1MB
            16384    |             | 100             | 4096MB         | 8192MB               | 512MB                | 40MB
            16384    | 20          | 100             | 4096MB         | 8192MB               | 512MB                | 64MB
            1048576  | 1000        | 100             | 262144MB       | 524288MB             | 1024MB               | 64MB
            2048     | many        | 100             | 512MB          | 1024MB               | 64MB                 | 5MB
            """)
    void memory(
            long mib, String connections, String max, String buffers, String cache, String maintenance, String work) {
        assertThat(new Tuning(mib * MIB, 0).parameters(Optional.ofNullable(connections)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "max_connections", max,
                        "shared_buffers", buffers,
                        "effective_cache_size", cache,
                        "maintenance_work_mem", maintenance,
                        "work_mem", work));
    }

    @ParameterizedTest
    @CsvSource({"1, 8, 1", "4, 8, 4", "8, 8, 8", "32, 32, 32"})
    void processors(int cpus, String processes, String parallel) {
        assertThat(new Tuning(0, cpus).parameters(Optional.empty()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("max_worker_processes", processes, "max_parallel_workers", parallel));
    }

    @Test
    void withoutLimitsEverythingIsAsPostgresHasIt() {
        assertThat(Tuning.NONE.parameters(Optional.of("500"))).isEmpty();
    }
}
