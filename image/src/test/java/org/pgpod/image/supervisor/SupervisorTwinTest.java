package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two supervisors, one after the other or at once: the volume has one Postgres at most. */
class SupervisorTwinTest {

    @Test
    void deathOfTheSupervisorTakesPostgresWithIt() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            long postmaster = supervisor.state().pid();
            supervisor.killSupervisor();
            Eventually.until("postmaster gone", () -> !Files.exists(Path.of("/proc/" + postmaster)));
        }
    }

    @Test
    void successorKillsWhatItsPredecessorLeft() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            BusySession session = BusySession.start(supervisor, 60);
            supervisor.killSupervisor();

            Supervisor successor = Supervisor.boot(supervisor.pod());
            successor.await("has the volume", state -> state.job().equals("-"));

            assertThat(successor.lockHolders()).isEmpty();
            assertThat(session.awaitCommitted()).isFalse();
            successor.keepToken(1);
            successor.expect(0, "start", "mode=primary epoch=1");
            successor.await("up", state -> state.pg().equals("up"));
            successor.killSupervisor();
        }
    }

    @Test
    void livingTwinIsLeftAloneAndSucceededWhenItDies() throws Exception {
        try (Supervisor first = Supervisor.running();
                Supervisor second = Supervisor.boot(first.pod().twin())) {
            long postmaster = first.state().pid();
            assertThat(second.state()).returns("lock", SupervisorState::job).returns("-", SupervisorState::data);
            second.keepToken(1);
            second.expect(75, "start", "mode=primary epoch=1");
            second.expect(75, "initdb", "");
            assertThat(first.state()).returns("up", SupervisorState::pg).returns(postmaster, SupervisorState::pid);
            assertThat(first.query("select 1")).isEqualTo("1");

            first.killSupervisor();
            second.await("has the volume", state -> state.job().equals("-"));
            second.expect(0, "start", "mode=primary epoch=1");
            second.await("up", state -> state.pg().equals("up"));
            assertThat(second.query("select 1")).isEqualTo("1");
        }
    }

    @Test
    void twinInAnotherProcessNamespaceWaitsForUnseenOrphans() throws Exception {
        assumeTrue(PodDirectories.ROOT, "namespaces need root");
        try (Supervisor first = Supervisor.running()) {
            BusySession session = BusySession.start(first, 6);
            first.killSupervisor();
            List<String> unshare = List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");
            try (Supervisor second = Supervisor.launch(first.pod().twin(), unshare)) {
                second.await("waits", state -> state.job().equals("lock"));
                second.await("has the volume", state -> state.job().equals("-"));
                assertThat(first.lockHolders()).doesNotContain(session.backend());
                assertThat(session.awaitCommitted()).isTrue();
            }
        }
    }

    @Test
    void secondSupervisorOfOneRunDirectoryGivesUp() throws Exception {
        try (Supervisor first = Supervisor.boot()) {
            Supervisor second = Supervisor.launch(first.pod(), List.of());
            assertThat(second.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(second.process().exitValue()).isEqualTo(75);
            first.await("lives", state -> state.pg().equals("down"));
            first.expect(73, "swap", "");
        }
    }

    @Test
    void jobDiesWithTheSupervisor() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised();
                ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String job = supervisor.send("clone", "", "--host=127.0.0.1", "--port=" + silent.getLocalPort());
            supervisor.await("clones", state -> state.job().equals(job));
            Eventually.until("the tool runs", () -> supervisor.lockHolders().size() >= 2);
            supervisor.killSupervisor();
            Eventually.until("nothing is left", () -> supervisor.lockHolders().isEmpty());
        }
    }
}
