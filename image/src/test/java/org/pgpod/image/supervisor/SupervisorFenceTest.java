package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The end of the right to write, with nothing at work but the supervisor. */
class SupervisorFenceTest {

    @Test
    void primaryIsStoppedAtStopAndNotBefore() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.execute("create table t (i int)");
            long stop = supervisor.token(1, 1_500, 60_000 - 1_000);
            supervisor.execute("insert into t values (1)");

            SupervisorState down = supervisor.await("down", state -> state.pg().equals("down"));

            assertThat(Supervisor.bootMillis()).isGreaterThanOrEqualTo(stop);
            assertThat(down).returns(true, SupervisorState::fenced).returns("none", SupervisorState::mode);
            assertThat(supervisor.log()).contains("received immediate shutdown request");
            assertThat(supervisor.lockHolders()).isEmpty();
        }
    }

    @Test
    void renewedTokenKeepsThePrimary() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            long first = supervisor.token(1, 1_000, 2_000);
            while (Supervisor.bootMillis() < first + 1_500) {
                supervisor.token(1, 1_000, 2_000);
                supervisor.query("select 1");
            }
            assertThat(supervisor.state()).returns("up", SupervisorState::pg).returns(false, SupervisorState::fenced);
        }
    }

    @Test
    void everyProcessIsKilledAtKill() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            // A frozen postmaster ignores the SIGQUIT of the first stage, and its backend works on.
            BusySession session = BusySession.start(supervisor, 60);
            Supervisor.signal("STOP", supervisor.state().pid());
            long stop = supervisor.token(1, 500, 2_000);

            supervisor.await("fenced", state -> state.fenced() && state.pg().equals("stopping"));
            List<Long> left = supervisor.lockHolders();
            if (Supervisor.bootMillis() < stop + 1_500) {
                assertThat(left).contains(session.backend());
            }
            supervisor.await("down", state -> state.pg().equals("down"));

            assertThat(Supervisor.bootMillis()).isGreaterThanOrEqualTo(stop + 1_500);
            assertThat(supervisor.lockHolders()).isEmpty();
            assertThat(supervisor.state().exit()).isEqualTo(128 + 9);
            assertThat(session.awaitCommitted()).isFalse();
        }
    }

    @Test
    void orphanBackendIsGoneBeforePostgresCountsAsDown() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            BusySession session = BusySession.start(supervisor, 4);
            Supervisor.signal("KILL", supervisor.state().pid());
            supervisor.await("down", state -> state.pg().equals("down"));

            assertThat(supervisor.lockHolders()).isEmpty();
            assertThat(session.awaitCommitted()).isFalse();
            supervisor.keepToken(1);
            supervisor.expect(0, "start", "mode=primary epoch=1");
            supervisor.await("up", state -> state.pg().equals("up"));
            assertThat(supervisor.query("select count(*) from t")).isEqualTo("0");
        }
    }

    @Test
    void stopAfterTheDeathOfThePostmasterWaitsForItsOrphans() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            BusySession session = BusySession.start(supervisor, 60);
            Supervisor.signal("KILL", supervisor.state().pid());
            supervisor.expect(0, "stop", "how=immediate timeout=20000");
            assertThat(supervisor.lockHolders()).isEmpty();
            assertThat(session.awaitCommitted()).isFalse();
        }
    }

    private static final Map<String, UnaryOperator<String>> FAULTS = Map.of(
            "another boot",
                    token -> token.replace(Supervisor.BOOT, UUID.randomUUID().toString()),
            "another role", token -> token.replace("role=primary", "role=standby"),
            "too far ahead", token -> token.replace("kill=", "kill=9"),
            "torn", token -> token.substring(0, token.length() - 5),
            "two lines", token -> token + token,
            "an expression", token -> token.replace("stop=", "stop=a[$(kill -9 1)]"),
            "huge", token -> token.replace("seq=1842", "seq=" + "1".repeat(100_000)),
            "NUL", token -> token + "\0",
            "another version", token -> token.replace("token=1", "token=2"),
            "empty", token -> "");

    @Test
    void primaryWithoutValidTokenIsFenced() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            for (Map.Entry<String, UnaryOperator<String>> fault : FAULTS.entrySet()) {
                supervisor.startPrimary();
                long now = Supervisor.bootMillis();
                String good = Supervisor.tokenLine(Supervisor.BOOT, 1, "primary", now, now + 50_000, now + 55_000);
                supervisor.writeToken(fault.getValue().apply(good));
                supervisor.await("fence: " + fault.getKey(), state -> state.pg().equals("down") && state.fenced());
                assertThat(supervisor.lockHolders()).as(fault.getKey()).isEmpty();
                supervisor.expect(72, "start", "mode=primary epoch=1");
            }
            supervisor.startPrimary();
            supervisor.deleteToken();
            supervisor.await("fence: missing", state -> state.pg().equals("down") && state.fenced());
        }
    }

    @Test
    void fenceThatHasBegunIsFinished() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            Supervisor.signal("STOP", supervisor.state().pid());
            supervisor.token(1, 0, 1_000);
            supervisor.await("fenced", SupervisorState::fenced);
            supervisor.keepToken(1);
            supervisor.await("down", state -> state.pg().equals("down"));
        }
    }

    @Test
    void raisedEpochKeepsThePrimary() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.keepToken(2);
            long at = supervisor.state().atMillis();
            assertThat(supervisor.await("two states later", state -> state.atMillis() > at + 1_500))
                    .returns("up", SupervisorState::pg);
        }
    }

    @Test
    void promotionByHandIsFenced() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.startStandby();
            supervisor.execute("select pg_promote(false)");

            SupervisorState down = supervisor.await("down", state -> state.pg().equals("down"));

            assertThat(down.fenced()).isTrue();
            assertThat(supervisor.log()).contains("event=left-recovery", "event=fence");
        }
    }

    @Test
    void standbyNeedsNoToken() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.expect(0, "start", "mode=standby epoch=0");
            supervisor.token(1, 0, 500);
            long at = supervisor.state().atMillis();
            assertThat(supervisor.await("two states later", state -> state.atMillis() > at + 1_500))
                    .returns("up", SupervisorState::pg)
                    .returns(false, SupervisorState::fenced);
        }
    }

    @Test
    void fullPipeOfTheContainerLogDoesNotHoldTheFenceUp() throws Exception {
        PodDirectories pod = PodDirectories.create();
        InitialisedVolume.copyTo(pod);
        pod.configure("log_min_messages = panic"); // for Postgres itself would wait
        List<String> fullPipe = List.of(
                "sh", "-c", "mkfifo -m 666 full; exec 3<>full; head -c 65536 /dev/zero >&3; exec \"$@\" 2>&3", "sh");
        try (Supervisor supervisor = Supervisor.launch(pod, fullPipe)) {
            supervisor.await("state", state -> true);
            supervisor.startPrimary();
            supervisor.token(1, 0, 2_000);
            supervisor.await("down", state -> state.pg().equals("down") && state.fenced());
        }
    }
}
