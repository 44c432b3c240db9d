package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hook as a process, with the test in the place of the supervisor. */
class PreStopHookTest {
    private static final String STATE =
            "pgpod-supervisor=1 boot=b instance=5f0c21aa at=1 pg=%s mode=primary pid=7 end\n";

    @TempDir
    private Path run;

    private Path mailbox = Path.of(".");

    @BeforeEach
    void makeMailbox() throws IOException {
        mailbox = Files.createDirectory(run.resolve("supervisor"));
        Files.createDirectory(mailbox.resolve("req"));
        Files.createDirectory(mailbox.resolve("ans"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash"})
    void asksForASwitchoverAndWaitsForTheAnswer(String shell) throws Exception {
        writeState("up");
        Process hook = start(shell);
        try {
            Path request = awaitRequest();
            assertThat(request.getFileName().toString()).matches("[0-9]{1,15}-stop");
            assertThat(request).hasContent("pgpod-req=1 instance=5f0c21aa op=stop how=switchover timeout=60000 end\n");
            Files.writeString(mailbox.resolve("ans").resolve(request.getFileName() + ".rc"), "");
            assertThat(hook.waitFor(1500, TimeUnit.MILLISECONDS)).isFalse();
            Files.writeString(mailbox.resolve("ans").resolve(request.getFileName() + ".rc"), "0\n");
            assertThat(hook.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(hook.exitValue()).isZero();
        } finally {
            hook.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash"})
    void endsWhenPostgresIsDown(String shell) throws Exception {
        Files.writeString(mailbox.resolve("state"), STATE.formatted("up").substring(0, 30));
        Process hook = start(shell);
        try {
            writeState("up");
            awaitRequest();
            writeState("down");
            assertThat(hook.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(hook.exitValue()).isZero();
        } finally {
            hook.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash"})
    void doesNotHoldThePodWithoutASupervisor(String shell) throws Exception {
        Process hook = start(shell);
        assertThat(hook.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(hook.exitValue()).isZero();
        assertThat(mailbox.resolve("req")).isEmptyDirectory();
    }

    private void writeState(String postgres) throws IOException {
        Files.writeString(mailbox.resolve("state"), STATE.formatted(postgres));
    }

    private Process start(String shell) throws IOException {
        String script = PreStopHook.SCRIPT.replace(Layout.RUN, run.toString());
        return new ProcessBuilder(List.of(shell, "-c", script))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Path awaitRequest() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadline) {
            try (Stream<Path> requests = Files.list(mailbox.resolve("req"))) {
                List<Path> visible = requests.filter(
                                file -> !file.getFileName().toString().startsWith("."))
                        .toList();
                if (!visible.isEmpty()) {
                    return visible.getFirst();
                }
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new AssertionError("no request within 20 s");
    }
}
