package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.testing.Await;
import org.pgpod.haagent.act.SupervisorMailbox;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorAnswer;
import org.pgpod.haagent.observe.SupervisorReader;

/** The agent's side of the mailbox, with the supervisor's side played by hand. */
class SupervisorFilesTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of("");

    private Path mailbox = Path.of("");
    private BootClock clock = open();
    private SupervisorFiles supervisor = files(directory);

    private static BootClock open() {
        try {
            return LinuxBootClock.open();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private SupervisorFiles files(Path root) {
        SupervisorReader reader = new SupervisorReader(root.resolve("supervisor"), root.resolve("volume"), clock);
        return new SupervisorFiles(reader, new SupervisorMailbox(root.resolve("supervisor"), clock, reader::readState));
    }

    @BeforeEach
    void mailboxIsThere() throws IOException {
        mailbox = directory.resolve("supervisor");
        Files.createDirectories(mailbox.resolve("req"));
        Files.createDirectories(mailbox.resolve("ans"));
        supervisor = files(directory);
        writeState("5f0c21aa");
    }

    private void writeState(String instance) throws IOException {
        Files.writeString(
                mailbox.resolve("state"),
                "pgpod-supervisor=1 boot=" + clock.bootId() + " instance=" + instance + " at=" + clock.nowMillis()
                        + " pg=up mode=standby pid=12 exit=0 fenced=0 job=- data=0a1b2c3d end\n");
    }

    private List<Path> requests() throws IOException {
        try (Stream<Path> files = Files.list(mailbox.resolve("req"))) {
            return files.toList();
        }
    }

    private CompletableFuture<SupervisorAnswer> performing(SupervisorRequest request) {
        return CompletableFuture.supplyAsync(() -> supervisor.perform(request, LONG));
    }

    @Test
    void aRequestNamesTheInstanceAndItsAnswerIsWaitedFor() throws IOException {
        var answer = performing(
                SupervisorRequest.tool(SupervisorRequest.Operation.CLONE, List.of("--dbname=host=a port=1")));
        Await.until("the request is placed", () -> requests().size() == 1);
        Path request = requests().getFirst();
        assertThat(request.getFileName().toString()).matches("[0-9]{1,15}-clone");
        assertThat(Files.readString(request))
                .matches("(?s)pgpod-req=1 instance=5f0c21aa op=clone by=[0-9]+ end\\narg=--dbname=host=a port=1\\n");
        Files.delete(request);
        Path rc = mailbox.resolve("ans").resolve(request.getFileName() + ".rc");
        Files.writeString(mailbox.resolve("ans").resolve(request.getFileName() + ".out"), "a line\n");
        Files.writeString(rc, "3\n");
        assertThat(answer.join()).isEqualTo(new SupervisorAnswer.Answered(3, "a line\n"));
    }

    @Test
    void aRequestThatNobodyTookIsTakenBack() throws IOException {
        SupervisorAnswer answer = supervisor.perform(SupervisorRequest.of(SupervisorRequest.Operation.RELOAD), SHORT);
        assertThat(answer).isInstanceOf(SupervisorAnswer.Unanswered.class);
        assertThat(requests()).isEmpty();
    }

    @Test
    void aSupervisorThatWasReplacedDoesNotAnswer() throws IOException {
        var answer = performing(SupervisorRequest.of(SupervisorRequest.Operation.RELOAD));
        Await.until("the request is placed", () -> requests().size() == 1);
        writeState("00000001");
        assertThat(answer.join()).isInstanceOf(SupervisorAnswer.Unanswered.class);
    }

    @Test
    void aTornStateIsCoveredByTheLastWholeOneWhichKeepsItsAge() throws IOException {
        Reading<SupervisorState> whole = supervisor.readState();
        assertThat(whole).isInstanceOf(Reading.Value.class);
        Files.writeString(mailbox.resolve("state"), "pgpod-supervisor=1 boot=");
        assertThat(supervisor.readState()).isEqualTo(whole);
        Files.delete(mailbox.resolve("state"));
        assertThat(supervisor.readState()).isInstanceOf(Reading.Failure.class);
    }

    @Test
    void aStateOfAnotherBootIsNone() throws IOException {
        Files.writeString(
                mailbox.resolve("state"),
                "pgpod-supervisor=1 boot=another instance=a at=1 pg=up mode=standby pid=12 exit=0 fenced=0 job=- data=- end\n");
        assertThat(supervisor.readState()).isInstanceOf(Reading.Failure.class);
    }

    @Test
    void theReportOfTheProbeIsReadIfItIsOfThisBoot() throws IOException {
        assertThat(supervisor.readStorage()).isInstanceOf(Reading.Failure.class);
        StorageState state = new StorageState(clock.bootId(), 1, 2, 3, 4, Optional.of(StorageState.Problem.EIO));
        Files.writeString(mailbox.resolve("storage"), state.format());
        assertThat(supervisor.readStorage()).isEqualTo(Reading.of(state));
        Files.writeString(mailbox.resolve("storage"), state.format().replace(clock.bootId(), "00000000-aaaa"));
        assertThat(supervisor.readStorage()).isInstanceOf(Reading.Failure.class);
    }

    @Test
    void theProgressIsThatOfTheJobWhichTheStateNames() throws IOException {
        SupervisorState busy = new SupervisorState(
                clock.bootId(),
                "i",
                1,
                SupervisorState.Postgres.DOWN,
                SupervisorState.Mode.NONE,
                0,
                0,
                0,
                Optional.of("7-clone"),
                Optional.empty());
        assertThat(supervisor.readProgress(busy)).isEmpty();
        Path output = mailbox.resolve("ans").resolve("7-clone.out");
        Files.writeString(output, "1/9 kB (11%), 0/1 tablespace\n".repeat(500) + "5/9 kB (55%), 0/1 tablespace\n");
        assertThat(supervisor.readProgress(busy)).contains(new ToolProgress("clone", 5_120, 9_216));
        assertThat(supervisor.readProgress(SupervisorState.parse(busy.format().replace("7-clone", "7-start"))
                        .valid()
                        .orElseThrow()))
                .isEmpty();
    }

    @Test
    void aVolumeWithoutStateIsEmptyOnlyOnceTheSupervisorHasIt() throws IOException {
        assertThat(supervisor.readVolume()).isInstanceOf(Reading.Failure.class);
        Files.createDirectories(directory.resolve("volume").resolve("pgpod"));
        assertThat(supervisor.readVolume()).isEqualTo(Reading.of(VolumeState.EMPTY));
        Files.writeString(directory.resolve("volume").resolve("pgpod").resolve("state"), "something else\n");
        assertThat(supervisor.readVolume()).isInstanceOf(Reading.Failure.class);
    }
}
