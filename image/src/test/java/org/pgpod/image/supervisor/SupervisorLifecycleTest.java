package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Start, stop, promotion, marks and the supervisor's own end. */
class SupervisorLifecycleTest {

    @Test
    void startsNothingByItself() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            assertThat(supervisor.state())
                    .returns("down", SupervisorState::pg)
                    .returns("none", SupervisorState::mode)
                    .returns("-", SupervisorState::job)
                    .returns("-", SupervisorState::data);
            supervisor.expect(73, "start", "mode=standby epoch=0");
        }
    }

    @Test
    void stateIsRewrittenEachSecond() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            long first = supervisor.state().atMillis();
            SupervisorState later = supervisor.await("a later state", state -> state.atMillis() > first);
            assertThat(later.atMillis() - first).isBetween(900L, 5_000L);
        }
    }

    @Test
    void primaryStartsOnlyWithTokenOfItsEpoch() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.expect(72, "start", "mode=primary epoch=1");
            supervisor.keepToken(2);
            supervisor.expect(72, "start", "mode=primary epoch=1");
            supervisor.token(1, -10, 5_000);
            supervisor.expect(72, "start", "mode=primary epoch=1");
            assertThat(supervisor.lockHolders()).isEmpty();

            supervisor.keepToken(1);
            supervisor.expect(0, "start", "mode=primary epoch=1");
            SupervisorState up = supervisor.await("up", state -> state.pg().equals("up"));

            assertThat(up.mode()).isEqualTo("primary");
            assertThat(supervisor.query("select pg_is_in_recovery()")).isEqualTo("f");
            assertThat(supervisor.query("show restart_after_crash")).isEqualTo("off");
            assertThat(volume(supervisor)).contains(" epoch=1 ");
        }
    }

    @Test
    void volumeRemembersItsEpoch() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.expect(0, "mark", "epoch=9");
            supervisor.keepToken(8);
            supervisor.expect(72, "start", "mode=primary epoch=8");
            supervisor.expect(73, "mark", "epoch=8");
        }
    }

    @Test
    void stopIsAnsweredWhenNothingIsLeft() throws Exception {
        for (String how : new String[] {"fast", "immediate", "kill"}) {
            try (Supervisor supervisor = Supervisor.running()) {
                supervisor.expect(0, "stop", "how=" + how + " timeout=20000");
                assertThat(supervisor.lockHolders()).as(how).isEmpty();
                assertThat(supervisor.await("down", state -> state.pg().equals("down")))
                        .returns(false, SupervisorState::fenced)
                        .returns("none", SupervisorState::mode)
                        .returns(0L, SupervisorState::pid);
            }
        }
    }

    @Test
    void stopThatTakesTooLongCanBeMadeHarsher() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            long postmaster = supervisor.state().pid();
            Supervisor.signal("STOP", postmaster);
            supervisor.expect(124, "stop", "how=fast timeout=300");
            assertThat(supervisor.state().pg()).isEqualTo("stopping");
            supervisor.expect(0, "stop", "how=kill timeout=20000");
            assertThat(supervisor.lockHolders()).isEmpty();
        }
    }

    @Test
    void stopForSwitchoverLeavesThePrimaryToTheAgent() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            String preStop = supervisor.send("stop", "how=switchover timeout=60000");
            supervisor.await("shown", state -> state.job().equals(preStop.replace("-stop", "-switchover")));
            assertThat(supervisor.state().pg()).isEqualTo("up");
            supervisor.expect(0, "stop", "how=fast timeout=20000");
            assertThat(supervisor.answer(preStop).rc()).isZero();
        }
    }

    @Test
    void stopForSwitchoverStopsFastAtItsTimeout() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.expect(0, "stop", "how=switchover timeout=300");
            assertThat(supervisor.state()).returns("down", SupervisorState::pg).returns(0, SupervisorState::exit);
        }
    }

    @Test
    void promotionTakesTheReservedTimeline() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.startStandby();
            supervisor.expect(72, "promote", "epoch=3 timeline=4");
            assertThat(supervisor.state().mode()).isEqualTo("standby");

            supervisor.keepToken(3);
            supervisor.expect(73, "promote", "epoch=3 timeline=1");
            supervisor.await("still a standby", state -> state.mode().equals("standby"));
            supervisor.expect(0, "promote", "epoch=3 timeline=4");

            assertThat(supervisor.state().mode()).isEqualTo("primary");
            assertThat(supervisor.query("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"))
                    .isEqualTo("00000004");
            assertThat(supervisor.query("select pg_is_in_recovery()")).isEqualTo("f");
            assertThat(volume(supervisor)).contains(" epoch=3 timeline=4 ");
        }
    }

    @Test
    void promotionToAnotherTimelineIsFenced() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            // An archive that has a history file of which this member knew nothing.
            supervisor
                    .pod()
                    .configure(
                            "restore_command = 'test %f = 00000002.history && echo > \"%p\"'",
                            "recovery_target_timeline = 'current'");
            supervisor.startStandby();
            supervisor.keepToken(1);

            assertThat(supervisor.expect(73, "promote", "epoch=1 timeline=2").out())
                    .contains("timeline 3 instead of 2");
            assertThat(supervisor
                            .await("down", state -> state.pg().equals("down"))
                            .fenced())
                    .isTrue();
        }
    }

    @Test
    void standbyStartsInSpiteOfPlaceholdersOfAVainPromotion() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            Path placeholder = supervisor.pod().data().resolve("pg_wal/00000002.history");
            PodDirectories.write(placeholder, "# pgpod placeholder: this timeline was reserved and never used\n");
            supervisor.startStandby();
            assertThat(placeholder).doesNotExist();
        }
    }

    @Test
    void managedSettingsLeaveTheDataDirectory() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            for (String setting : new String[] {
                "primary_conninfo = 'host=elsewhere'",
                "archive_mode = on",
                "restart_after_crash = on",
                "work_mem = '5MB'"
            }) {
                supervisor.execute("alter system set " + setting);
            }
            supervisor.expect(0, "stop", "how=fast timeout=20000");
            supervisor.expect(0, "start", "mode=primary epoch=1");
            supervisor.await("up", state -> state.pg().equals("up"));

            assertThat(Files.readString(supervisor.pod().data().resolve("postgresql.auto.conf")))
                    .contains("work_mem")
                    .doesNotContain("primary_conninfo", "archive_mode", "restart_after_crash");
        }
    }

    @Test
    void postgresThatDoesNotStartLeavesItsStatus() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.pod().configure("no_such_setting = 1");
            supervisor.keepToken(1);
            supervisor.expect(0, "start", "mode=primary epoch=1");
            supervisor.await("down again", state -> state.pg().equals("down") && state.exit() == 1);
        }
    }

    @Test
    void stalePidAndSocketFilesDoNotKeepPostgresDown() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            long alive = supervisor.process().pid();
            String lock = alive + "\n" + supervisor.pod().data() + "\n1700000000\n"
                    + supervisor.pod().port() + "\n";
            PodDirectories.write(supervisor.pod().data().resolve("postmaster.pid"), lock);
            Path socket = supervisor
                    .pod()
                    .run()
                    .resolve("sql/.s.PGSQL." + supervisor.pod().port());
            PodDirectories.write(socket.resolveSibling(socket.getFileName() + ".lock"), lock);
            supervisor.startStandby();
        }
    }

    @Test
    void terminationIsAFastShutdown() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.execute("create table t (i int)");
            Supervisor.signal("TERM", supervisor.process().pid());
            assertThat(supervisor.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(supervisor.process().exitValue()).isZero();
            assertThat(supervisor.lockHolders()).isEmpty();
            assertThat(supervisor.log()).contains("received fast shutdown request", "database system is shut down");
            assertThat(supervisor.state()).returns("down", SupervisorState::pg).returns(0, SupervisorState::exit);
        }
    }

    private static String volume(Supervisor supervisor) throws Exception {
        return Files.readString(supervisor.pod().volume().resolve("pgpod/state"));
    }
}
