package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The probe of the volume, on file systems of its own that are filled and frozen; those need root. */
class SupervisorStorageTest {
    private static final long HEARTBEAT_MILLIS_MAX = 5_000;
    private static final long HANGING_MILLIS = 2_000;

    private static Map<String, String> report(Supervisor supervisor) throws Exception {
        String line = Files.readString(supervisor.pod().run().resolve("supervisor/storage"));
        assertThat(line)
                .startsWith("pgpod-storage=1 boot=" + Supervisor.BOOT + " ")
                .endsWith(" end\n");
        Map<String, String> words = new HashMap<>();
        for (String word : line.strip().split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                words.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return words;
    }

    private static long number(Map<String, String> report, String key) {
        return Long.parseLong(report.getOrDefault(key, ""));
    }

    private static Map<String, String> awaitReport(Supervisor supervisor, String wanted, Condition holds)
            throws Exception {
        Path file = supervisor.pod().run().resolve("supervisor/storage");
        return Eventually.find(wanted, () -> Files.exists(file) ? where(report(supervisor), holds) : Optional.empty());
    }

    private interface Condition {
        boolean holds(Map<String, String> report) throws Exception;
    }

    private static Optional<Map<String, String>> where(Map<String, String> report, Condition condition)
            throws Exception {
        return condition.holds(report) ? Optional.of(report) : Optional.empty();
    }

    private static void heartbeatGoesOn(Supervisor supervisor) throws Exception {
        long first = supervisor.state().atMillis();
        SupervisorState later = supervisor.await("a heartbeat", state -> state.atMillis() > first);
        assertThat(later.atMillis() - first).isLessThan(HEARTBEAT_MILLIS_MAX);
    }

    @Test
    void theVolumeIsProbedAgainAndAgain() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            Map<String, String> first = awaitReport(supervisor, "a probe", report -> number(report, "at") > 0);
            Map<String, String> later =
                    awaitReport(supervisor, "another probe", report -> number(report, "at") > number(first, "at"));

            assertThat(later).containsEntry("error", "-");
            assertThat(number(later, "free")).isPositive().isLessThanOrEqualTo(number(later, "total"));
        }
    }

    @Test
    void aProbeThatDiesIsReplaced() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            awaitReport(supervisor, "a probe", report -> number(report, "at") > 0);
            long probe = probeOf(supervisor);
            Supervisor.signal("KILL", probe);
            Eventually.until("another probe", () -> probeOf(supervisor) != probe && probeOf(supervisor) != 0);
            long now = Supervisor.bootMillis();
            awaitReport(supervisor, "it reports", report -> number(report, "at") > now);
        }
    }

    /** The process of the probe, or 0. */
    private static long probeOf(Supervisor supervisor) {
        return supervisor
                .process()
                .children()
                .filter(child -> child.info()
                        .arguments()
                        .filter(arguments -> List.of(arguments).stream()
                                .anyMatch(argument -> argument.endsWith("pgpod-supervisor-probe")))
                        .isPresent())
                .filter(child -> child.info()
                        .command()
                        .filter(command -> command.endsWith("bash"))
                        .isPresent())
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElse(0);
    }

    @Test
    void aFullVolumeIsReportedWhilePostgresFailsToWriteAndIsWellAgainWithRoom() throws Exception {
        try (MountedVolume volume = MountedVolume.inMemory("192m");
                Supervisor supervisor = Supervisor.boot(volume.initialisedPod())) {
            supervisor.startPrimary();
            supervisor.execute("create table t (filler text)");
            Map<String, String> before = awaitReport(supervisor, "a probe", report -> number(report, "at") > 0);
            assertThat(before).containsEntry("error", "-");
            volume.fill();

            assertThatThrownBy(() -> supervisor.execute(
                            "insert into t select repeat(md5(i::text), 200) from generate_series(1, 20000) i"))
                    .isInstanceOf(SQLException.class);
            Map<String, String> full =
                    awaitReport(supervisor, "no space", report -> number(report, "free") < 1_048_576);
            assertThat(full.get("error")).isIn("-", "enospc");
            awaitReport(supervisor, "the probe finds no space", report -> "enospc".equals(report.get("error")));
            heartbeatGoesOn(supervisor);

            volume.makeRoom();
            awaitReport(
                    supervisor,
                    "room again",
                    report -> "-".equals(report.get("error")) && number(report, "free") > 8 * 1_048_576);
        }
    }

    @Test
    void aDiskThatHangsIsReportedAndNeitherHoldsUpTheLoopNorTheFence() throws Exception {
        try (MountedVolume volume = MountedVolume.onDisk("256M");
                Supervisor supervisor = Supervisor.boot(volume.initialisedPod())) {
            supervisor.startPrimary();
            awaitReport(supervisor, "a probe", report -> number(report, "at") > 0);
            Map<String, String> hanging = volume.whileFrozen(() -> {
                Map<String, String> seen = awaitHanging(supervisor);
                heartbeatGoesOn(supervisor);
                assertThat(report(supervisor)).containsEntry("began", seen.get("began"));

                supervisor.deleteToken();
                SupervisorState fenced = supervisor.await("fenced", SupervisorState::fenced);
                // The postmaster may wait for the disk, and then it is not said to be down.
                assertThat(fenced.pg()).isIn("stopping", "down");
                heartbeatGoesOn(supervisor);
                return seen;
            });
            SupervisorState down = supervisor.await("down", state -> state.pg().equals("down"));
            assertThat(down.fenced()).isTrue();
            awaitReport(supervisor, "a probe ended", report -> number(report, "at") > number(hanging, "began"));
        }
    }

    private static Map<String, String> awaitHanging(Supervisor supervisor) throws Exception {
        return awaitReport(supervisor, "a probe that hangs", report -> {
            long began = number(report, "began");
            return began != 0 && Supervisor.bootMillis() - began > HANGING_MILLIS;
        });
    }

    @Test
    void aProbeThatIsReplacedDoesNotAddToOneThatHangs() throws Exception {
        try (MountedVolume volume = MountedVolume.onDisk("256M");
                Supervisor supervisor = Supervisor.boot(volume.initialisedPod())) {
            awaitReport(supervisor, "a probe", report -> number(report, "at") > 0);
            Map<String, String> hanging = volume.whileFrozen(() -> {
                Map<String, String> seen = awaitHanging(supervisor);
                long probe = probeOf(supervisor);
                Supervisor.signal("KILL", probe);
                Eventually.until("another probe", () -> probeOf(supervisor) != probe && probeOf(supervisor) != 0);
                heartbeatGoesOn(supervisor);

                assertThat(report(supervisor)).containsEntry("began", seen.get("began"));
                return seen;
            });
            awaitReport(supervisor, "the next one ended", report -> number(report, "at") > number(hanging, "began"));
        }
    }
}
