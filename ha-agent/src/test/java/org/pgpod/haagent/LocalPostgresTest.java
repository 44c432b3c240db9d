package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.act.ConfigurationFiles;
import org.pgpod.haagent.act.DatabaseWriter;
import org.pgpod.haagent.act.InitialContentWriter;
import org.pgpod.haagent.act.SlotWriter;
import org.pgpod.haagent.client.PostgresGreeting;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.client.ScriptSession;
import org.pgpod.haagent.conf.InitialContent;
import org.pgpod.haagent.conf.PeerAccess;
import org.pgpod.haagent.conf.PostgresLayout;
import org.pgpod.haagent.conf.PostgresRole;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.observe.DatabaseReader;
import org.pgpod.haagent.observe.SlotReader;

/** The SQL side of the agent against a real server that runs with the files it wrote. */
class LocalPostgresTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String PASSWORD = "correct horse 'battery' \\ staple";

    private final Path directory = Unprivileged.directory("agent");
    private final PostgresServer server =
            PostgresServer.with(Map.of("wal_level", "logical", "password_encryption", "scram-sha-256"), programs());
    private final LocalPostgres postgres = open();

    /** The major version of {@link #programs}. */
    int version() {
        return 15;
    }

    Path programs() {
        return PostgresServer.PROGRAMS;
    }

    @BeforeEach
    void serverRunsWithTheFilesOfTheAgent() throws IOException {
        Files.setAttribute(directory, "unix:mode", 02771);
        for (PostgresRole role : PostgresRole.values()) {
            Files.writeString(directory.resolve(role.text()), PASSWORD + "\n");
        }
        assertThat(new ConfigurationFiles(layout(), directory, List.of())
                        .write(
                                new PostgresSettings.Primary(
                                        new MemberName("demo-0", new DataId("0a1b2c3d")), SynchronousSet.NONE),
                                ServerConfiguration.NONE))
                .isEqualTo(new Effect.Changed());
        server.execute("alter role postgres password '" + PASSWORD.replace("'", "''") + "'");
        server.append("postgresql.conf", "include '" + layout().parameterFile() + "'\n");
        server.restart();
    }

    @AfterEach
    void stop() {
        server.close();
        Unprivileged.delete(directory);
    }

    private PostgresLayout layout() {
        return new PostgresLayout(
                "demo",
                "127.0.0.1",
                server.port(),
                server.directory(),
                directory.resolve("conf"),
                directory.resolve("log"),
                version() < 15 ? PostgresLayout.LogFormat.CSVLOG : PostgresLayout.LogFormat.JSONLOG,
                new PeerAccess(5434, PeerAccess.Security.VERIFY_CA, directory, directory.resolve("pgpass")),
                Map.of("shared_buffers", "16MB", "wal_level", "logical"));
    }

    private PostgresSession session(PostgresRole role) {
        return new PostgresSession(
                "127.0.0.1", server.port(), role.text(), new Credential(directory.resolve(role.text())));
    }

    private PostgresSession agentIn(String database) {
        String role = PostgresRole.PGPOD_AGENT.text();
        return new PostgresSession("127.0.0.1", server.port(), role, new Credential(directory.resolve(role)), database);
    }

    private LocalPostgres open() {
        return new LocalPostgres(
                new DatabaseReader(
                        session(PostgresRole.PGPOD_AGENT),
                        session(PostgresRole.POSTGRES),
                        directory.resolve("conf").resolve("postgresql.conf")),
                new DatabaseWriter(session(PostgresRole.PGPOD_AGENT), session(PostgresRole.POSTGRES), directory),
                new PostgresGreeting("127.0.0.1", server.port()),
                new InitialContentWriter(
                        new ScriptSession(
                                "127.0.0.1",
                                server.port(),
                                PostgresRole.POSTGRES.text(),
                                new Credential(directory.resolve(PostgresRole.POSTGRES.text()))),
                        new InitialContent(List.of(), List.of(), List.of(), directory)),
                new SlotReader(session(PostgresRole.PGPOD_AGENT)),
                new SlotWriter(session(PostgresRole.PGPOD_AGENT), this::agentIn));
    }

    private DatabaseFacts facts() {
        Reading<DatabaseFacts> reading = postgres.read(TIMEOUT);
        assertThat(reading).isInstanceOf(Reading.Value.class);
        return ((Reading.Value<DatabaseFacts>) reading).value();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(server.url("postgres"), "postgres", PASSWORD);
    }

    private List<String> query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> texts = new java.util.ArrayList<>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void factsAreReadBeforeAndAfterTheAgentHasItsRole() throws SQLException {
        DatabaseFacts before = facts();
        assertThat(before.inRecovery()).isFalse();
        assertThat(before.timeline()).isEqualTo(new Timeline(1));
        assertThat(before.replayed()).isGreaterThan(Lsn.ZERO);
        assertThat(before.settingsInForce()).isTrue();
        assertThat(before.pendingRestart()).isFalse();
        assertThat(before.version()).startsWith(version() + ".");
        assertThat(postgres.ensureRoles(TIMEOUT)).isEqualTo(new Effect.Changed());
        assertThat(facts().systemId()).isEqualTo(before.systemId());
        assertThat(query("select distinct usename from pg_stat_activity where application_name = 'ha-agent'"))
                .containsExactly("pgpod_agent");
    }

    @Test
    void rolesAreMadeOnceAndPasswordsFollowTheirFiles() throws Exception {
        assertThat(postgres.ensureRoles(TIMEOUT)).isEqualTo(new Effect.Changed());
        assertThat(postgres.ensureRoles(TIMEOUT)).isEqualTo(new Effect.Unchanged());
        assertThat(query("select rolname from pg_roles where rolname like 'pgpod%' and rolcanlogin"))
                .hasSize(PostgresRole.values().length - 1);
        Files.writeString(directory.resolve("pgpod_exporter"), "another\n");
        assertThat(postgres.ensureRoles(TIMEOUT)).isEqualTo(new Effect.Changed());
        try (Connection exporter = DriverManager.getConnection(server.url("postgres"), "pgpod_exporter", "another")) {
            assertThat(exporter.isValid(5)).isTrue();
        }
    }

    @Test
    void verifiersAreLookedUpByTheProxyAlone() throws Exception {
        postgres.ensureRoles(TIMEOUT);
        execute("create role app login password 'secret'");
        execute("create role nobody login");
        execute("set password_encryption = 'md5'; create role old login password 'secret'");
        assertThat(lookedUpBy("pgpod_proxy", "app")).startsWith("SCRAM-SHA-256$4096:");
        assertThat(lookedUpBy("pgpod_proxy", "nobody")).isNull();
        assertThat(lookedUpBy("pgpod_proxy", "no such role")).isNull();
        assertThat(lookedUpBy("pgpod_proxy", "old")).isEqualTo("other");
        assertThatThrownBy(() -> lookedUpBy("pgpod_exporter", "app")).hasMessageContaining("permission denied");
        assertThatThrownBy(() -> lookedUpBy("pgpod_agent", "app")).hasMessageContaining("permission denied");
    }

    @Test
    void whatWasDoneToTheLookUpOfVerifiersIsUndone() throws Exception {
        postgres.ensureRoles(TIMEOUT);
        execute("create role app login password 'secret'");
        for (String harm : List.of(
                "drop schema pgpod cascade",
                "create or replace function pgpod.scram_verifier(role text) returns text language sql as 'select null'",
                "alter schema pgpod owner to pgpod_exporter",
                "alter function pgpod.scram_verifier(text) owner to pgpod_exporter",
                "alter function pgpod.scram_verifier(text) reset search_path",
                "grant execute on function pgpod.scram_verifier(text) to public",
                "grant all on schema pgpod to public",
                "revoke usage on schema pgpod from pgpod_proxy")) {
            execute(harm);
            assertThat(postgres.ensureRoles(TIMEOUT)).as(harm).isEqualTo(new Effect.Changed());
            assertThat(postgres.ensureRoles(TIMEOUT)).as(harm).isEqualTo(new Effect.Unchanged());
            assertThat(lookedUpBy("pgpod_proxy", "app")).as(harm).startsWith("SCRAM-SHA-256$4096:");
            assertThatThrownBy(() -> lookedUpBy("pgpod_exporter", "app"))
                    .as(harm)
                    .hasMessageContaining("permission denied");
            assertThat(query("select has_schema_privilege('public', 'pgpod', 'create')::text"))
                    .as(harm)
                    .containsExactly("false");
        }
    }

    private @Nullable String lookedUpBy(String caller, String role) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), caller, PASSWORD);
                PreparedStatement statement = connection.prepareStatement("select pgpod.scram_verifier(?)")) {
            statement.setString(1, role);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    @Test
    void noPasswordAndNoVerifierIsLogged() throws Exception {
        execute("alter system set log_statement = 'all'");
        execute("alter system set log_min_duration_statement = 0");
        server.reload();
        postgres.ensureRoles(TIMEOUT);
        execute("select 'marker'");
        Path log = directory.resolve("log");
        // Postgres's collector writes what it is told a moment later.
        org.pgpod.core.testing.Await.until(
                "the last statement is logged", () -> AllFiles.text(log).contains("marker"));
        assertThat(AllFiles.text(log)).doesNotContain("SCRAM-SHA-256$").doesNotContain("battery");
    }

    @Test
    void aSettingFromElsewhereIsNotInForce() throws SQLException {
        postgres.ensureRoles(TIMEOUT);
        assertThat(facts().settingsInForce()).isTrue();
        execute("alter system set log_file_mode = '0600'");
        server.reload();
        org.pgpod.core.testing.Await.until("the foreign setting is noticed", () -> !facts().settingsInForce());
    }

    @Test
    void slotsOfMembersAreMadeOnce() throws SQLException {
        postgres.ensureRoles(TIMEOUT);
        execute("select pg_create_physical_replication_slot('somebody_else')");
        assertThat(postgres.ensureSlots(Set.of("demo_1_0a1b2c3d", "demo_2_0a1b2c3d"), TIMEOUT))
                .isEqualTo(new Effect.Changed());
        assertThat(postgres.ensureSlots(Set.of("demo_1_0a1b2c3d", "demo_2_0a1b2c3d"), TIMEOUT))
                .isEqualTo(new Effect.Unchanged());
        assertThat(facts().slots()).isEqualTo(Set.of("somebody_else", "demo_1_0a1b2c3d", "demo_2_0a1b2c3d"));
    }

    @Test
    void aSlotThatLostItsWalIsMadeAnewAndTheOldestWalIsKnown() throws SQLException {
        postgres.ensureRoles(TIMEOUT);
        postgres.ensureSlots(Set.of("demo_1_0a1b2c3d"), TIMEOUT);
        Lsn oldest = facts().oldestWal().orElseThrow();
        assertThat(oldest).isEqualTo(Lsn.parse("0/1000000"));
        execute("alter system set max_slot_wal_keep_size = '16MB'");
        execute("alter system set wal_keep_size = 0");
        server.reload();
        for (int segment = 0; segment < 5; segment++) {
            execute("select pg_logical_emit_message(false, 'a', 'b')");
            execute("select pg_switch_wal()");
            execute("checkpoint");
        }
        assertThat(facts().slots()).isEmpty();
        assertThat(slots().slot("demo_1_0a1b2c3d").orElseThrow().lost()).contains("wal_removed");
        assertThat(facts().oldestWal().orElseThrow()).isGreaterThan(Lsn.parse("0/2000000"));
        assertThat(facts().oldestWal().orElseThrow()).isLessThanOrEqualTo(facts().position());

        assertThat(postgres.ensureSlots(Set.of("demo_1_0a1b2c3d"), TIMEOUT)).isEqualTo(new Effect.Changed());
        assertThat(facts().slots()).containsExactly("demo_1_0a1b2c3d");
        assertThat(postgres.ensureSlots(Set.of("demo_1_0a1b2c3d"), TIMEOUT)).isEqualTo(new Effect.Unchanged());
    }

    private SlotSighting slots() {
        Reading<SlotSighting> reading = postgres.readSlots(TIMEOUT);
        assertThat(reading).isInstanceOf(Reading.Value.class);
        return ((Reading.Value<SlotSighting>) reading).value();
    }

    private Effect change(SlotStep step) {
        return postgres.changeSlot(step, false, TIMEOUT);
    }

    @Test
    void slotsOfEveryKindAreMadeReadMovedAndDroppedByTheAgentsRole() throws SQLException {
        postgres.ensureRoles(TIMEOUT);
        execute("create database \"An app\"");
        SlotStep physical = new SlotStep.CreatePhysical("archive");
        boolean failover = slots().copiesLogicalSlots();
        SlotStep logical = new SlotStep.CreateLogical("feed", "An app", "pgoutput", failover);
        assertThat(change(physical)).isEqualTo(new Effect.Changed());
        assertThat(change(physical)).isEqualTo(new Effect.Unchanged());
        assertThat(change(logical)).isEqualTo(new Effect.Changed());
        assertThat(change(logical)).isEqualTo(new Effect.Unchanged());

        SlotState archive = slots().slot("archive").orElseThrow();
        assertThat(archive.kind()).isEqualTo(SlotState.Kind.PHYSICAL);
        assertThat(archive.active()).isFalse();
        assertThat(archive.lost()).isEmpty();
        Lsn began = archive.restart().orElseThrow();
        assertThat(archive.retainedBytes()).isEqualTo(slots().end().minus(began));
        SlotState feed = slots().slot("feed").orElseThrow();
        assertThat(feed.kind()).isEqualTo(SlotState.Kind.LOGICAL);
        assertThat(feed.database()).isEqualTo("An app");
        assertThat(feed.plugin()).isEqualTo("pgoutput");
        assertThat(feed.failover()).isEqualTo(version() >= 17);
        assertThat(feed.synced()).isFalse();

        Lsn end = slots().end();
        assertThat(change(new SlotStep.Advance("archive", end))).isEqualTo(new Effect.Changed());
        assertThat(slots().slot("archive").orElseThrow().restart()).contains(end);
        assertThat(change(new SlotStep.Advance("archive", began))).isEqualTo(new Effect.Unchanged());

        // What was decided for a standby is not done on a primary.
        assertThat(postgres.changeSlot(new SlotStep.Drop("archive", "test"), true, TIMEOUT))
                .isEqualTo(new Effect.Unchanged());
        assertThat(change(new SlotStep.Drop("archive", "test"))).isEqualTo(new Effect.Changed());
        assertThat(change(new SlotStep.Drop("feed", "test"))).isEqualTo(new Effect.Changed());
        assertThat(slots().slots()).isEmpty();
        assertThat(change(new SlotStep.CreateLogical("feed", "nowhere", "pgoutput", false)))
                .isInstanceOf(Effect.Failed.class);
    }

    @Test
    void theAgentMayCheckpoint() {
        postgres.ensureRoles(TIMEOUT);
        assertThat(postgres.checkpoint(TIMEOUT)).isEqualTo(new Effect.Changed());
    }

    @Test
    void aServerThatIsGoneIsAFailure() {
        postgres.ensureRoles(TIMEOUT);
        facts();
        server.stop();
        assertThat(postgres.read(TIMEOUT)).isInstanceOf(Reading.Failure.class);
    }

    @Test
    void aNewSessionIsAnsweredEvenWhenNoMoreAreAllowed() throws SQLException {
        server.append(
                "postgresql.conf", "max_connections = 4\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0\n");
        server.restart();
        List<Connection> taken = new ArrayList<>();
        try {
            for (int connections = 0; connections < 4; connections++) {
                taken.add(connect());
            }
            assertThatThrownBy(this::connect).hasMessageContaining("too many clients");
            assertThat(postgres.answers(TIMEOUT)).isEqualTo(Reading.of(true));
        } finally {
            for (Connection connection : taken) {
                connection.close();
            }
        }
    }

    @Test
    void aStoppedPostmasterAnswersNoNewSessionAndAnEndedOneIsNotCalledSilent() {
        String postmaster = Long.toString(server.pid());
        Unprivileged.run(List.of("kill", "-STOP", postmaster));
        try {
            assertThat(postgres.answers(Duration.ofSeconds(1))).isEqualTo(Reading.of(false));
        } finally {
            Unprivileged.run(List.of("kill", "-CONT", postmaster));
        }
        assertThat(postgres.answers(TIMEOUT)).isEqualTo(Reading.of(true));
        server.stop();
        assertThat(postgres.answers(TIMEOUT)).isInstanceOf(Reading.Failure.class);
    }
}
