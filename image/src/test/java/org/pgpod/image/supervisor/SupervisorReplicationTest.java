package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two members under two supervisors: clone, streaming, rewind, and what a crash in between leaves. */
class SupervisorReplicationTest {

    @Test
    void initdbNeedsAnEmptyVolume() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            String before = volume(supervisor);
            supervisor.expect(73, "initdb", "", "--auth=trust");
            supervisor.expect(73, "swap", "");
            assertThat(volume(supervisor)).isEqualTo(before);
            assertThat(supervisor.expect(0, "controldata", "").out())
                    .contains(words(supervisor, "systemId"), "Database cluster state");
        }
    }

    @Test
    void failedInitdbLeavesNothingToSwap() throws Exception {
        try (Supervisor supervisor = Supervisor.boot()) {
            supervisor.expect(1, "initdb", "", "--no-such-option");
            supervisor.expect(73, "swap", "");
            assertThat(supervisor.state().data()).isEqualTo("-");
        }
    }

    @Test
    void cloneStreams() throws Exception {
        try (Supervisor primary = Supervisor.running();
                Supervisor standby = Supervisor.boot()) {
            clone(standby, primary);
            String id = standby.state().data();
            standby.expect(0, "swap", "");
            assertThat(standby.state().data())
                    .isEqualTo(id)
                    .isNotEqualTo(primary.state().data());
            assertThat(words(standby, "systemId")).isEqualTo(words(primary, "systemId"));

            follow(standby, primary);
            primary.execute("create table t as select 42 as i");
            Eventually.until("replayed", () -> rows(standby, "t").equals("1"));
            assertThat(standby.query("select pg_is_in_recovery()")).isEqualTo("t");
        }
    }

    @Test
    void cloneKeepsTheOldDataUntilItIsDiscarded() throws Exception {
        try (Supervisor primary = Supervisor.running();
                Supervisor standby = Supervisor.initialised()) {
            String before = standby.state().data();
            clone(standby, primary);
            assertThat(volume(standby)).contains(" destroying=clone ");
            assertThat(standby.state().data()).isNotEqualTo(before);
            standby.keepToken(1);
            standby.expect(75, "start", "mode=primary epoch=1");
            standby.expect(75, "discard", "");

            standby.expect(0, "swap", "");
            assertThat(volume(standby)).contains(" destroying=- ");
            assertThat(standby.pod().volume().resolve("data.old")).isDirectory();
            follow(standby, primary);
            standby.expect(0, "discard", "");
            assertThat(standby.pod().volume().resolve("data.old")).doesNotExist();
        }
    }

    @Test
    void formerPrimaryIsRewoundAndItsTailIsKept() throws Exception {
        try (Supervisor former = Supervisor.running();
                Supervisor next = Supervisor.boot()) {
            former.execute("create table t as select 1 as i");
            clone(next, former);
            next.expect(0, "swap", "");
            follow(next, former);
            Eventually.until("replayed", () -> rows(next, "t").equals("1"));
            next.keepToken(2);
            next.expect(0, "promote", "epoch=2 timeline=2");
            next.execute("checkpoint");
            assertThat(next.expect(0, "controldata", "").out()).containsPattern("\nStart of timeline 2: 0/[0-9A-F]+\n");
            assertThat(former.expect(0, "controldata", "").out()).doesNotContain("Start of timeline");
            next.execute("insert into t values (2), (3)");
            former.execute("insert into t select 0 from generate_series(1, 100)");
            former.execute("select pg_create_physical_replication_slot('left_over', true)");
            former.expect(0, "stop", "how=kill timeout=20000");
            String before = former.state().data();

            Supervisor.Answer answer = former.expect(0, "rewind", "", source(next));

            assertThat(answer.out()).contains("Done!");
            assertThat(former.state().data()).isNotEqualTo(before);
            assertThat(volume(former)).contains(" destroying=- ");
            try (Stream<Path> kept = Files.walk(former.pod().volume().resolve("diverged"))) {
                assertThat(kept.map(path -> path.getFileName().toString()))
                        .anyMatch(name -> name.matches("00000001[0-9A-F]{16}"));
            }
            try (Stream<Path> slots = Files.list(former.pod().volume().resolve("data/pg_replslot"))) {
                assertThat(slots).isEmpty();
            }
            follow(former, next);
            Eventually.until("follows", () -> rows(former, "t").equals("3"));
        }
    }

    @Test
    void rewindThatCannotConnectDestroysNothing() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.expect(0, "stop", "how=fast timeout=20000");
            String before = volume(supervisor);
            supervisor.expect(1, "rewind", "", source(supervisor));
            assertThat(volume(supervisor)).isEqualTo(before);
        }
    }

    @Test
    void interruptedRewindNeverStarts() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            supervisor.expect(0, "mark", "destroying=rewind");
            supervisor.expect(75, "mark", "destroying=-");
            supervisor.keepToken(1);
            supervisor.expect(75, "start", "mode=primary epoch=1");
            supervisor.expect(75, "start", "mode=standby epoch=1");
        }
    }

    @Test
    void crashIsRecoveredWithoutStarting() throws Exception {
        try (Supervisor supervisor = Supervisor.running()) {
            supervisor.execute("create table t as select 1 as i");
            supervisor.expect(73, "recover", "");
            supervisor.expect(0, "stop", "how=kill timeout=20000");
            assertThat(supervisor.expect(0, "controldata", "").out()).contains("in production");
            supervisor.expect(0, "recover", "");
            assertThat(supervisor.expect(0, "controldata", "").out()).containsPattern("state: +shut down");
            supervisor.expect(0, "recover", "");
            supervisor.expect(0, "start", "mode=primary epoch=1");
            supervisor.await("up", state -> state.pg().equals("up"));
            assertThat(rows(supervisor, "t")).isEqualTo("1");
        }
    }

    @Test
    void swapCutShortIsFinishedByTheNextSupervisor() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            Path volume = supervisor.pod().volume();
            supervisor.killSupervisor();
            // As after the first of the two renames.
            Files.move(volume.resolve("data"), volume.resolve("data.new"));
            Files.createDirectory(volume.resolve("data.old"));
            PodDirectories.write(volume.resolve("pgpod/complete"), "");

            Supervisor successor = Supervisor.boot(supervisor.pod());
            successor.expect(0, "controldata", "");
            assertThat(volume.resolve("pgpod/complete")).doesNotExist();
            successor.killSupervisor();
        }
    }

    @Test
    void unreadableStateOfTheVolumeBlocks() throws Exception {
        try (Supervisor supervisor = Supervisor.initialised()) {
            Path state = supervisor.pod().volume().resolve("pgpod/state");
            PodDirectories.write(state, Files.readString(state).substring(0, 30));
            supervisor.expect(75, "start", "mode=standby epoch=0");
            supervisor.expect(75, "initdb", "");
            supervisor.expect(0, "controldata", "");
        }
    }

    private static void clone(Supervisor member, Supervisor source) throws Exception {
        member.expect(
                0,
                "clone",
                "",
                "--host=127.0.0.1",
                "--port=" + source.pod().port(),
                "--username=postgres",
                "--checkpoint=fast",
                "--no-sync");
    }

    private static void follow(Supervisor member, Supervisor leader) throws Exception {
        member.pod()
                .configure("primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'"
                        .formatted(leader.pod().port()));
        member.startStandby();
    }

    private static String source(Supervisor leader) {
        return "--source-server=host=127.0.0.1 port=%d user=postgres dbname=postgres"
                .formatted(leader.pod().port());
    }

    /** How many rows a table has, as far as this member knows it. */
    private static String rows(Supervisor member, String table) throws Exception {
        String known = member.query("select to_regclass('" + table + "')");
        return List.of("null").contains(known) ? known : member.query("select count(*) from " + table);
    }

    private static String volume(Supervisor supervisor) throws Exception {
        return Files.readString(supervisor.pod().volume().resolve("pgpod/state"));
    }

    private static String words(Supervisor supervisor, String key) throws Exception {
        return String.valueOf(SupervisorState.words(volume(supervisor)).get(key));
    }
}
