package org.pgpod.haagent.act;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.testing.Await;
import org.pgpod.haagent.model.Hook;

/** Hooks with real processes and a real HTTP server; SQL is run against real pods elsewhere. */
class HookRunnerTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private Hook.Ended run(Hook.Work work, Duration timeout, BooleanSupplier cancelled) {
        HookRunner runner = new HookRunner(
                Map.of(),
                new HookRunner.Login("127.0.0.1", 1, "postgres", new Credential(directory.resolve("password"))),
                Map.of("PGPOD_POD", "demo-0"));
        return runner.run(Hook.Event.PRIMARY, new Hook("it", work, timeout), cancelled);
    }

    private Hook.Ended shell(String script, Duration timeout) {
        return run(new Hook.Work.Command(List.of("/bin/sh", "-c", script)), timeout, () -> false);
    }

    @Test
    void aProgramIsToldWhatHappenedAndNothingElse() {
        Hook.Ended done = shell("echo $PGPOD_EVENT $PGPOD_HOOK $PGPOD_POD; echo err >&2; test -z \"$JAVA_HOME\"", LONG);
        assertThat(done.outcome()).as(done.detail()).isEqualTo(Hook.Outcome.DONE);
        assertThat(done.detail()).isEqualTo("primary it demo-0 err");
    }

    @Test
    void aProgramThatFailsIsToldWithItsWords() {
        Hook.Ended failed = shell("echo no such luck; exit 3", LONG);
        assertThat(failed.outcome()).isEqualTo(Hook.Outcome.FAILED);
        assertThat(failed.detail()).isEqualTo("exit status 3: no such luck");
        Hook.Ended missing = run(new Hook.Work.Command(List.of("/no/such/program")), LONG, () -> false);
        assertThat(missing.outcome()).isEqualTo(Hook.Outcome.FAILED);
        assertThat(missing.detail()).contains("/no/such/program");
    }

    @Test
    void aProgramThatTakesTooLongIsKilledWithItsChildren() throws IOException {
        Path pid = directory.resolve("pid");
        Hook.Ended late = shell("sleep 600 & echo $! > " + pid + "; wait", Duration.ofSeconds(5));
        assertThat(late.outcome()).isEqualTo(Hook.Outcome.TIMED_OUT);
        long child = Long.parseLong(Files.readString(pid).strip());
        Await.until(
                "the child is gone",
                () -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void somethingNewerEndsAProgram() {
        Path begun = directory.resolve("begun");
        Hook.Ended ended = run(
                new Hook.Work.Command(List.of("/bin/sh", "-c", "touch " + begun + "; sleep 600")),
                LONG,
                () -> Files.exists(begun));
        assertThat(ended.outcome()).isEqualTo(Hook.Outcome.CANCELLED);
        assertThat(ended.took()).isLessThan(LONG);
    }

    @Test
    void aRequestCarriesTheHeaderOfItsFileAndItsCodeDecides() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        Path secret = Files.writeString(directory.resolve("secret"), "Bearer s3cret\n");
        try (AdminServer server = AdminServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            server.handle("/hook", exchange -> {
                        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                        seen.add(exchange.getRequestMethod() + " "
                                + exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
                        AdminServer.answer(exchange, 409, "no\n");
                    })
                    .start();
            String url = "http://127.0.0.1:" + server.address().getPort() + "/hook";
            Hook.Ended done = run(
                    new Hook.Work.Http(
                            "PUT",
                            url,
                            Map.of("Authorization", secret.toString()),
                            Optional.of("${PGPOD_POD} is ${PGPOD_EVENT}"),
                            Set.of(409)),
                    LONG,
                    () -> false);
            assertThat(done.outcome()).as(done.detail()).isEqualTo(Hook.Outcome.DONE);
            assertThat(done.detail()).doesNotContain("s3cret");
            assertThat(seen).containsExactly("PUT Bearer s3cret demo-0 is primary");
            Hook.Ended other =
                    run(new Hook.Work.Http("GET", url, Map.of(), Optional.empty(), Set.of(200)), LONG, () -> false);
            assertThat(other.outcome()).isEqualTo(Hook.Outcome.FAILED);
            assertThat(other.detail()).contains("answered 409");
        }
    }

    @Test
    void sqlThatCannotBeRunSaysWhy() {
        Hook.Ended failed =
                run(new Hook.Work.Sql(directory.resolve("nothing.sql").toString(), "postgres"), LONG, () -> false);
        assertThat(failed.outcome()).isEqualTo(Hook.Outcome.FAILED);
        assertThat(failed.detail()).contains("nothing.sql");
    }
}
