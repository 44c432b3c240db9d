package org.pgpod.image.supervisor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests and answers, good ones and all the others. */
class SupervisorMailboxTest {

    private static final List<String> NOT_UNDERSTOOD = List.of(
            "",
            "\n",
            "pgpod-req=1 instance=I op=mark frozen=5 by=B",
            "pgpod-req=1 instance=I op=mark frozen=5 by=B end ",
            "pgpod-req=2 instance=I op=mark frozen=5 by=B end\n",
            "pgpod-req=1 instance=I op=mark frozen=5 frozen=6 by=B end\n",
            "pgpod-req=1 instance=I op=mark frozen=5 end\n",
            "pgpod-req=1 instance=I op=mark frozen=5 by=a[$(id)] end\n",
            "pgpod-req=1 instance=I op=mark frozen=5 by=0x10 end\n",
            "pgpod-req=1 instance=I op=mark frozen=$(id) by=B end\n",
            "pgpod-req=1 instance=I op=mark frozen= by=B end\n",
            "pgpod-req=1 instance=I op=mark data=12345678 by=B end\n",
            "pgpod-req=1 instance=I op=mark destroying=all by=B end\n",
            "pgpod-req=1 instance=I op=mark by=B end\n",
            "pgpod-req=1 instance=I op=mark  frozen=5 by=B end\n",
            "pgpod-req=1 instance=I op=stop how=fast end\n",
            "pgpod-req=1 instance=I op=mark frozen=5 by=B end\nframe=1\n",
            "pgpod-req=1 instance=I op=mark frozen=5 by=B end\0\n");

    @Test
    void requestThatIsNotUnderstoodChangesNothing() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            for (String template : NOT_UNDERSTOOD) {
                String text = template.replace("I", supervisor.state().instance())
                        .replace("B", Long.toString(Supervisor.bootMillis() + 10_000));
                String name = supervisor.sendText("mark", text.getBytes(UTF_8));
                assertThat(supervisor.answer(name).rc()).as(template).isEqualTo(64);
            }
            assertThat(supervisor.pod().volume().resolve("pgpod/state")).doesNotExist();
        }
    }

    @Test
    void randomBytesAreNeverObeyed() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Supervisor supervisor = Supervisor.boot()) {
            String instance = supervisor.state().instance();
            for (int i = 0; i < 40; i++) {
                byte[] text = new byte[random.nextInt(300)];
                random.nextBytes(text);
                byte[] start = ("pgpod-req=1 instance=" + instance + " op=mark by=99999999999 ").getBytes(UTF_8);
                System.arraycopy(start, 0, text, 0, Math.min(text.length, random.nextInt(start.length + 1)));
                String name = supervisor.sendText("mark", text);
                assertThat(supervisor.answer(name).rc())
                        .as("seed %d, request %d", seed, i)
                        .isEqualTo(64);
            }
        }
    }

    @Test
    void requestMayBeLargeButNotHuge() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            String line = "pgpod-req=1 instance=%s op=clone by=%d end\n"
                    .formatted(supervisor.state().instance(), Supervisor.bootMillis() + 10_000);
            String huge = line + "arg=" + "x".repeat(70_000) + "\n";
            assertThat(supervisor
                            .answer(supervisor.sendText("clone", huge.getBytes(UTF_8)))
                            .rc())
                    .isEqualTo(64);
            String many = line + "arg=x\n".repeat(257);
            assertThat(supervisor
                            .answer(supervisor.sendText("clone", many.getBytes(UTF_8)))
                            .rc())
                    .isEqualTo(64);
            String large = line + "arg=--label=" + "x".repeat(50_000) + "\narg=--no-such-option\n";
            assertThat(supervisor
                            .answer(supervisor.sendText("clone", large.getBytes(UTF_8)))
                            .rc())
                    .isEqualTo(1);
        }
    }

    @Test
    void argumentsReachTheToolUnchanged() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            Path injected = supervisor.pod().run().resolve("injected");
            Supervisor.Answer answer = supervisor.expect(
                    1,
                    "clone",
                    "",
                    "--host=192.0.2.1",
                    "a b  *'\"\\ $(touch " + injected + ") `touch " + injected + "`");
            assertThat(answer.out()).contains("a b  *'\"\\ $(touch " + injected + ") `touch " + injected + "`");
            assertThat(injected).doesNotExist();
        }
    }

    @Test
    void foreignLateAndUnknownRequestsAreRefused() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            String instance = supervisor.state().instance();
            long now = Supervisor.bootMillis();
            assertThat(refusal(supervisor, "swap", "pgpod-req=1 instance=00000000 op=swap by=%d end\n", now + 9_000))
                    .isEqualTo(70);
            assertThat(refusal(
                            supervisor, "swap", "pgpod-req=1 instance=" + instance + " op=swap by=%d end\n", now - 10))
                    .isEqualTo(71);
            assertThat(refusal(
                            supervisor,
                            "dance",
                            "pgpod-req=1 instance=" + instance + " op=dance by=%d end\n",
                            now + 9_000))
                    .isEqualTo(64);
            assertThat(refusal(
                            supervisor,
                            "stop",
                            "pgpod-req=1 instance=" + instance + " op=swap by=%d end\n",
                            now + 9_000))
                    .isEqualTo(64);
        }
    }

    @Test
    void strayFilesAreRemovedAndDraftsLeft() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            Path requests = supervisor.pod().run().resolve("supervisor/req");
            Files.writeString(requests.resolve(".draft-of-somebody"), "x");
            Files.writeString(requests.resolve("@"), "x");
            Files.writeString(requests.resolve("a b*"), "x");
            Files.createDirectory(requests.resolve("5-swap"));
            Files.createSymbolicLink(requests.resolve("6-swap"), Path.of("/etc/passwd"));
            if (PodDirectories.ROOT) {
                PodDirectories.own(requests.resolve("5-swap"));
            }
            Eventually.until("only the draft is left", () -> {
                try (Stream<Path> files = Files.list(requests)) {
                    return files.map(Path::getFileName)
                            .map(Path::toString)
                            .toList()
                            .equals(List.of(".draft-of-somebody"));
                }
            });
            supervisor.expect(73, "swap", "");
        }
    }

    @Test
    void requestsOfAPredecessorAreDeleted() throws Exception {
        PodDirectories pod = PodDirectories.create();
        Supervisor first = Supervisor.boot(pod);
        first.killSupervisor();
        first.send("mark", "frozen=5");
        try (Supervisor second = Supervisor.boot(pod)) {
            second.expect(73, "swap", "");
            assertThat(pod.run().resolve("supervisor/ans/1-mark.rc")).doesNotExist();
            assertThat(pod.volume().resolve("pgpod/state")).doesNotExist();
        }
    }

    @Test
    void onlyOneJobRunsAndCancelEndsIt() throws Exception {
        try (Supervisor supervisor = Supervisor.boot();
                ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String clone = supervisor.send("clone", "", "--host=127.0.0.1", "--port=" + silent.getLocalPort());
            supervisor.await("clones", state -> state.job().equals(clone));
            supervisor.expect(74, "mark", "frozen=5");
            supervisor.expect(73, "cancel", "id=999");
            supervisor.expect(0, "cancel", "id=" + clone.replace("-clone", ""));
            assertThat(supervisor.answer(clone).rc()).isEqualTo(124);
            supervisor.expect(0, "mark", "frozen=5");
        }
    }

    @Test
    void stopEndsTheJobAndIsAnsweredAfterIt() throws Exception {
        try (Supervisor supervisor = Supervisor.boot();
                ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String clone = supervisor.send("clone", "", "--host=127.0.0.1", "--port=" + silent.getLocalPort());
            supervisor.await("clones", state -> state.job().equals(clone));
            supervisor.expect(0, "stop", "how=fast");
            assertThat(supervisor.answer(clone).rc()).isEqualTo(124);
            assertThat(supervisor.lockHolders()).isEmpty();
        }
    }

    @Test
    void requestsAreTakenInTheOrderOfTheirNumbers() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            Supervisor.signal("STOP", supervisor.process().pid());
            List<String> names = IntStream.rangeClosed(1, 12)
                    .mapToObj(i -> sendMark(supervisor, i))
                    .toList();
            Supervisor.signal("CONT", supervisor.process().pid());
            // The first gets the one place there is; the others are told at once.
            assertThat(supervisor.answer(names.getFirst()).rc()).isZero();
            assertThat(supervisor.answer(names.getLast()).rc()).isEqualTo(74);
        }
    }

    @Test
    void answersDoNotPileUp() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            for (int i = 0; i < 80; i++) {
                supervisor.expect(73, "reload", "");
            }
            Eventually.until("at most 65 answers", () -> {
                try (Stream<Path> answers = Files.list(supervisor.pod().run().resolve("supervisor/ans"))) {
                    return answers.count() <= 2 * 65;
                }
            });
        }
    }

    @Test
    void outputIsBoundedAndStatusOfTheToolIsKept() throws Exception {
        PodDirectories pod = PodDirectories.create();
        Path tool = pod.run().resolve("pg_controldata");
        Files.writeString(tool, "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\nexit 7\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Supervisor supervisor = Supervisor.launch(pod, List.of("env", "PGPOD_BINDIR=" + pod.run()))) {
            supervisor.await("state", state -> true);
            assertThat(supervisor.expect(7, "controldata", "").out()).hasSize(1 << 20);
        }
    }

    @Test
    void reloadTakesOverSettingsAndPasswords() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            Path run = supervisor.pod().run();
            PodDirectories.write(run.resolve("conf/pgpass"), "*:*:*:pgpod_replication:secret\n");
            supervisor.pod().configure("work_mem = '7MB'");
            supervisor.expect(0, "reload", "");
            Eventually.until("reloaded", () -> supervisor.query("show work_mem").equals("7MB"));
            Path copy = run.resolve("supervisor/private/pgpass");
            assertThat(copy).hasContent("*:*:*:pgpod_replication:secret");
            assertThat(Files.getPosixFilePermissions(copy)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    private static String sendMark(Supervisor supervisor, int value) {
        try {
            return supervisor.send("mark", "frozen=" + value);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int refusal(Supervisor supervisor, String operation, String template, long by) throws Exception {
        return supervisor
                .answer(supervisor.sendText(operation, template.formatted(by).getBytes(UTF_8)))
                .rc();
    }
}
