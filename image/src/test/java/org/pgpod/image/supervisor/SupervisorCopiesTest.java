package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Data directories that come from elsewhere: adopted, copied by a command, restored. */
class SupervisorCopiesTest {

    private static String volume(Supervisor supervisor) throws Exception {
        return Files.readString(supervisor.pod().volume().resolve("pgpod/state"));
    }

    /** A pod whose volume holds the data of a server that knew nothing of pgpod. */
    private static Supervisor withForeignData() throws Exception {
        PodDirectories pod = PodDirectories.create();
        InitialisedVolume.copyTo(pod);
        run("rm", "-rf", pod.volume().resolve("pgpod").toString());
        return Supervisor.boot(pod);
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static void signal(Supervisor supervisor, String name) throws Exception {
        Path file = Files.createFile(supervisor.pod().data().resolve(name));
        PodDirectories.own(file);
    }

    @Test
    void foreignDataAreNeitherReplacedNorStarted() throws Exception {
        try (Supervisor supervisor = withForeignData()) {
            supervisor.expect(73, "initdb", "", "--auth=trust");
            assertThat(supervisor
                            .expect(73, "clone", "", "--dbname=host=127.0.0.1")
                            .out())
                    .contains("was not made by pgpod");
            supervisor.expect(73, "clone", "from=command", "true");
            supervisor.expect(73, "restore", "", "true");
            supervisor.expect(73, "swap", "");
            supervisor.keepToken(1);
            supervisor.expect(73, "start", "mode=primary epoch=1");
            assertThat(supervisor.pod().data().resolve("global/pg_control")).exists();
        }
    }

    @Test
    void dataOfAStoppedPrimaryAreAdoptedAsTheyAre() throws Exception {
        try (Supervisor supervisor = withForeignData()) {
            String printed = supervisor.expect(0, "adopt", "").out();
            assertThat(printed).contains("Database system identifier:");
            assertThat(volume(supervisor)).contains(" systemId=- ");
            supervisor.expect(0, "adopt", "");
            supervisor.expect(0, "swap", "");

            String id = printed.replaceAll("(?s).*Database system identifier: *([0-9]+).*", "$1");
            assertThat(volume(supervisor)).contains(" systemId=" + id + " ");
            assertThat(supervisor.pod().volume().resolve("data.old")).doesNotExist();
            supervisor.expect(73, "adopt", "");
            supervisor.startPrimary();
            assertThat(supervisor.query("select 1")).isEqualTo("1");
        }
    }

    @Test
    void anAdoptionThatWasCutShortIsEndedByTheNextSupervisor() throws Exception {
        try (Supervisor supervisor = withForeignData()) {
            supervisor.expect(0, "adopt", "");
            supervisor.killSupervisor();
            try (Supervisor next = Supervisor.boot(supervisor.pod())) {
                next.await("data", state -> !state.data().equals("-"));
                assertThat(volume(next)).doesNotContain(" systemId=- ");
                next.startPrimary();
            }
        }
    }

    @Test
    void whatMayBeInUseOrIncompleteIsNotAdopted() throws Exception {
        for (String file : List.of("postmaster.pid", "standby.signal", "recovery.signal", "backup_label")) {
            try (Supervisor supervisor = withForeignData()) {
                signal(supervisor, file);
                assertThat(supervisor.expect(73, "adopt", "").out()).contains(file + " exists");
            }
        }
        try (Supervisor supervisor = withForeignData()) {
            PodDirectories.write(supervisor.pod().data().resolve("PG_VERSION"), "12\n");
            assertThat(supervisor.expect(73, "adopt", "").out()).contains("is of version 12, this is Postgres");
        }
        try (Supervisor supervisor = withForeignData()) {
            Path elsewhere = supervisor.pod().volume().resolve("elsewhere");
            Files.move(supervisor.pod().data().resolve("pg_wal"), elsewhere);
            Files.createSymbolicLink(supervisor.pod().data().resolve("pg_wal"), elsewhere);
            assertThat(supervisor.expect(73, "adopt", "").out()).contains("pg_wal is a link");
        }
        try (Supervisor supervisor = Supervisor.boot()) {
            assertThat(supervisor.expect(73, "adopt", "").out()).contains("there is no data directory");
        }
    }

    @Test
    void aCrashedServerIsNotAdopted() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.expect(0, "stop", "how=kill timeout=20000");
            supervisor.killSupervisor();
            run("rm", "-rf", supervisor.pod().volume().resolve("pgpod").toString());
            Files.deleteIfExists(supervisor.pod().data().resolve("postmaster.pid"));
            try (Supervisor next = Supervisor.boot(supervisor.pod())) {
                assertThat(next.expect(73, "adopt", "").out()).contains("its state is 'in production'");
            }
        }
    }

    @Test
    void aCommandFillsTheCopyAndMustNotFail() throws Exception {
        try (Supervisor primary = Supervisor.initialised();
                Supervisor standby = Supervisor.boot()) {
            String source = primary.pod().data() + "/.";
            assertThat(standby.expect(7, "clone", "from=command", "sh", "-c", "echo said; exit 7")
                            .out())
                    .isEqualTo("said\n");
            assertThat(standby.expect(73, "clone", "from=command", "true").out())
                    .contains("is not the data directory of a server");
            standby.expect(64, "clone", "from=elsewhere", "true");
            standby.expect(64, "clone", "from=command");
            standby.expect(73, "swap", "");

            assertThat(standby.expect(73, "clone", "from=command systemId=1", "cp", "-a", source, "{target}")
                            .out())
                    .contains("the copy is of system");
            standby.expect(0, "clone", "from=command", "cp", "-a", source, "{target}");
            standby.expect(0, "swap", "");
            assertThat(volume(standby)).doesNotContain(" systemId=- ");
            standby.startStandby();
            assertThat(standby.query("select pg_is_in_recovery()")).isEqualTo("t");
        }
    }

    @Test
    void aRestoredCopyRecoversBeforeItIsThePrimary() throws Exception {
        try (Supervisor source = Supervisor.running();
                Supervisor restored = Supervisor.boot()) {
            source.execute("create table t as select 1 as i");
            source.expect(0, "stop", "how=fast timeout=20000");
            restored.expect(0, "restore", "", "cp", "-a", source.pod().data() + "/.", "{target}");
            restored.expect(0, "swap", "");
            restored.pod().configure("restore_command = 'false'", "recovery_target_action = promote");
            restored.keepToken(1);
            restored.expect(64, "start", "mode=standby epoch=1 recovery=keep");
            restored.expect(0, "start", "mode=primary epoch=1 recovery=keep");
            restored.await("up", state -> state.pg().equals("up"));
            Eventually.until(
                    "it has left recovery",
                    () -> restored.query("select pg_is_in_recovery()").equals("f"));
            assertThat(restored.query("select timeline_id from pg_control_checkpoint()"))
                    .isIn("1", "2");
            assertThat(restored.query("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"))
                    .isEqualTo("00000002");
            assertThat(restored.pod().data().resolve("recovery.signal")).doesNotExist();
        }
    }
}
