package org.pgpod.exporter.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerUsageTest {
    private static final String SCOPE =
            "cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8f2.slice/cri-containerd-5d1c.scope/";

    @TempDir
    private Path directory;

    @Test
    void versionTwoIsReadWhole() throws Exception {
        assertThat(read("v2"))
                .containsEntry("pgpod_host_container_visible", 1.0)
                .containsEntry("pgpod_container_cpu_usage_seconds_total", 5.0)
                .containsEntry("pgpod_container_cpu_user_seconds_total", 3.5)
                .containsEntry("pgpod_container_cpu_system_seconds_total", 1.5)
                .containsEntry("pgpod_container_cpu_cfs_periods_total", 120.0)
                .containsEntry("pgpod_container_cpu_cfs_throttled_periods_total", 7.0)
                .containsEntry("pgpod_container_cpu_cfs_throttled_seconds_total", 2.5)
                .containsEntry("pgpod_container_cpu_limit_cores", 1.5)
                .containsEntry("pgpod_container_memory_usage_bytes", 9e8)
                .containsEntry("pgpod_container_memory_working_set_bytes", 7e8)
                .containsEntry("pgpod_container_memory_max_usage_bytes", 9.5e8)
                .containsEntry("pgpod_container_memory_limit_bytes", 1_073_741_824.0)
                .containsEntry("pgpod_container_memory_stat_bytes{part=\"shmem\"}", 4e8)
                .containsEntry("pgpod_container_memory_major_faults_total", 321.0)
                .containsEntry("pgpod_container_memory_events_total{event=\"oom_kill\"}", 1.0)
                .containsEntry("pgpod_container_memory_events_total{event=\"max\"}", 11.0)
                .containsEntry("pgpod_container_fs_reads_bytes_total{device=\"8:16\"}", 1_048_576.0)
                .containsEntry("pgpod_container_fs_writes_total{device=\"8:16\"}", 20.0)
                .containsEntry("pgpod_container_pressure_cpu_waiting_seconds_total", 4.0)
                .containsEntry("pgpod_container_pressure_cpu_stalled_seconds_total", 1.0)
                .containsEntry("pgpod_container_pressure_memory_waiting_seconds_total", 0.002)
                .containsEntry("pgpod_container_pressure_memory_stalled_seconds_total", 0.001)
                .containsEntry("pgpod_container_pressure_io_waiting_seconds_total", 6.0)
                .containsEntry("pgpod_container_pressure_io_stalled_seconds_total", 5.0)
                .containsEntry("pgpod_container_threads", 9.0)
                .doesNotContainKey("pgpod_container_threads_max")
                .doesNotContainKey("pgpod_container_fs_reads_bytes_total{device=\"7:0\"}");
    }

    @Test
    void versionOneIsReadWithTheSameMeaning() throws Exception {
        assertThat(read("v1"))
                .containsEntry("pgpod_container_cpu_usage_seconds_total", 5.0)
                .containsEntry("pgpod_container_cpu_user_seconds_total", 3.5)
                .containsEntry("pgpod_container_cpu_system_seconds_total", 1.5)
                .containsEntry("pgpod_container_cpu_cfs_throttled_seconds_total", 2.5)
                .containsEntry("pgpod_container_cpu_limit_cores", 1.5)
                .containsEntry("pgpod_container_memory_usage_bytes", 9e8)
                .containsEntry("pgpod_container_memory_working_set_bytes", 7e8)
                .containsEntry("pgpod_container_memory_stat_bytes{part=\"anon\"}", 1e8)
                .containsEntry("pgpod_container_memory_stat_bytes{part=\"shmem\"}", 4e8)
                .containsEntry("pgpod_container_memory_events_total{event=\"max\"}", 11.0)
                .containsEntry("pgpod_container_memory_events_total{event=\"oom_kill\"}", 1.0)
                .containsEntry("pgpod_container_fs_reads_bytes_total{device=\"8:16\"}", 1_048_576.0)
                .containsEntry("pgpod_container_fs_writes_total{device=\"8:16\"}", 20.0)
                .doesNotContainKey("pgpod_container_memory_limit_bytes");
    }

    @Test
    void theRootOfAHierarchyIsTheMachineAndNoContainer() throws Exception {
        assertThat(read("v1")).doesNotContainKey("pgpod_container_threads");
    }

    @Test
    void aGroupThatDoesNotHoldThePostmasterIsNotTakenForItsOwn() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        host.write(SCOPE + "cgroup.procs", "7\n4141\n");
        assertThat(RecordedHost.series(host.postgres().read()))
                .containsEntry("pgpod_host_container_visible", 0.0)
                .doesNotContainKey("pgpod_container_cpu_usage_seconds_total");
    }

    @Test
    void aPathThatLeadsOutOfTheNamespaceIsNotFollowed() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory.resolve("inner"));
        host.write("proc/41/cgroup", "0::/../../cgroup/" + SCOPE.substring("cgroup/".length()) + "\n");
        assertThat(RecordedHost.series(host.postgres().read())).containsEntry("pgpod_host_container_visible", 0.0);
    }

    @Test
    void filesThatAreMissingOrStrangeLeaveTheirMetricsOut() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        host.remove(SCOPE + "memory.stat");
        host.write(SCOPE + "cpu.max", "max 100000\n");
        host.write(SCOPE + "memory.max", "max\n");
        host.write(SCOPE + "io.stat", "8:0 rbytes=x wbytes=1\nnonsense\n");
        host.write(SCOPE + "cpu.stat", "x".repeat(HostFiles.FILE_BYTES_MAX + 1));
        assertThat(RecordedHost.series(host.postgres().read()))
                .containsEntry("pgpod_container_memory_usage_bytes", 9e8)
                .containsEntry("pgpod_container_fs_writes_bytes_total{device=\"8:0\"}", 1.0)
                .doesNotContainKey("pgpod_container_fs_reads_bytes_total{device=\"8:0\"}")
                .doesNotContainKey("pgpod_container_cpu_usage_seconds_total")
                .doesNotContainKey("pgpod_container_cpu_limit_cores")
                .doesNotContainKey("pgpod_container_memory_working_set_bytes")
                .doesNotContainKey("pgpod_container_memory_limit_bytes");
    }

    @Test
    void longFilesAreReadToTheirEnd() throws Exception {
        RecordedHost host = RecordedHost.of("v2", directory);
        for (int padding : new int[] {2_030, 2_031, 2_032, 2_033, 2_034, 2_035, 2_036, 200_000}) {
            host.write(SCOPE + "memory.stat", "x".repeat(padding) + "\nshmem 12345\n");
            assertThat(RecordedHost.series(host.postgres().read()))
                    .as("%d bytes before it", padding)
                    .containsEntry("pgpod_container_memory_stat_bytes{part=\"shmem\"}", 12_345.0);
        }
    }

    private Map<String, Double> read(String recording) throws Exception {
        return RecordedHost.series(
                RecordedHost.of(recording, directory).postgres().read());
    }
}
