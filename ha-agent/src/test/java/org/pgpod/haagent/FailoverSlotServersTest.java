package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.OtherPostgres;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.conf.ParameterFile;
import org.pgpod.haagent.conf.PeerAccess;
import org.pgpod.haagent.conf.PostgresLayout;
import org.pgpod.haagent.conf.ServerParameters;
import org.pgpod.haagent.decide.FailoverSlots;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SlotWishes;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.Upstream;

/** Two servers with the parameters of a primary and its standby: a logical slot and what it kept survive the primary. */
@Tag("long")
class FailoverSlotServersTest {
    private static final MemberName STANDBY = new MemberName("demo-1", new DataId("000000b1"));
    private static final MemberName PRIMARY = new MemberName("demo-0", new DataId("000000b0"));
    private static final SlotWishes WISHES =
            new SlotWishes(List.of(new PermanentSlot.Logical("feed", "postgres", "test_decoding")), List.of());

    private static String parameters(PostgresSettings settings, List<MemberName> voters, PostgresServer primary) {
        DatabaseFacts.Sender sender = new DatabaseFacts.Sender(
                1,
                STANDBY.applicationName(),
                "streaming",
                org.pgpod.core.postgres.Lsn.ZERO,
                java.util.Optional.of(STANDBY.slotName()),
                "t");
        SortedMap<String, String> parameters = new java.util.TreeMap<>(
                FailoverSlots.parameters(settings, WISHES, Optional.of("demo-0"), voters, List.of(sender)));
        Path nowhere = Path.of("/nonexistent");
        Map<String, String> stream = ServerParameters.of(
                settings,
                new PostgresLayout(
                        "demo",
                        "127.0.0.1",
                        primary.port(),
                        nowhere,
                        nowhere,
                        nowhere,
                        PostgresLayout.LogFormat.JSONLOG,
                        new PeerAccess(primary.port(), PeerAccess.Security.NONE, nowhere, nowhere),
                        Map.of()),
                org.pgpod.haagent.model.ServerConfiguration.NONE);
        for (String name : List.of("primary_conninfo", "primary_slot_name")) {
            parameters.put(name, stream.getOrDefault(name, ""));
        }
        return ParameterFile.format(parameters);
    }

    private static String one(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    /** A copy of {@code from}, which is stopped for it, in the place of {@code to}. */
    private static void copy(PostgresServer from, PostgresServer to, String settings) {
        String own = "port = " + to.port() + "\nunix_socket_directories = '" + to.directory() + "'\n" + settings;
        to.stop();
        from.stop();
        Unprivileged.run(Unprivileged.asServer(List.of(
                "sh",
                "-c",
                "rm -rf \"$2\" && cp -a \"$1\" \"$2\" && rm -rf \"$2\"/pg_replslot/* && touch \"$2/standby.signal\"",
                "sh",
                from.data().toString(),
                to.data().toString())));
        to.append("postgresql.conf", own);
        from.restart();
        to.restart();
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void aLogicalSlotSurvivesThePrimaryWithWhatItKept(int version) throws SQLException {
        OtherPostgres programs = new OtherPostgres(version);
        try {
            programs.unpack();
            survives(programs.programs());
        } finally {
            programs.close();
        }
    }

    private void survives(Path programs) throws SQLException {
        try (PostgresServer primary = PostgresServer.with(Map.of("wal_level", "logical"), programs);
                PostgresServer standby = PostgresServer.with(Map.of(), programs)) {
            primary.execute("create role pgpod_replication login replication");
            primary.execute("create table event (id int)");
            primary.execute("select pg_create_physical_replication_slot('" + STANDBY.slotName() + "', true)");
            primary.execute("select pg_create_logical_replication_slot('feed', 'test_decoding', false, false, true)");
            copy(
                    primary,
                    standby,
                    parameters(
                            new PostgresSettings.Standby(STANDBY, new Upstream("demo-0", "127.0.0.1", primary.port())),
                            List.of(),
                            primary));
            Await.until(
                    "the standby streams",
                    () -> one(primary, "select state from pg_stat_replication").equals("streaming"));
            primary.append(
                    "postgresql.conf",
                    parameters(new PostgresSettings.Primary(PRIMARY, SynchronousSet.NONE), List.of(STANDBY), primary));
            primary.reload();
            Await.until(
                    "consumers wait for the voter",
                    () -> one(primary, "show synchronized_standby_slots").equals(STANDBY.slotName()));
            primary.execute("insert into event values (1)");
            // A copy lasts once the consumer has confirmed what is later than the copy's beginning.
            Await.until("the slot is copied", () -> {
                primary.execute("select pg_log_standby_snapshot()");
                one(primary, "select count(*) from pg_logical_slot_get_changes('feed', null, null)");
                return one(standby, "select slot_name from pg_replication_slots where synced and not temporary")
                        .equals("feed");
            });
            primary.execute("insert into event values (2)");
            assertThat(one(
                            primary,
                            "select string_agg(data, ';') from pg_logical_slot_peek_changes('feed', null, null)"))
                    .contains("id[integer]:2");
            Await.until(
                    "the standby has it all",
                    () -> one(standby, "select count(*) from event").equals("2"));
            primary.stop();
            standby.execute("select pg_promote()");
            standby.execute("insert into event values (3)");
            assertThat(one(
                            standby,
                            "select string_agg(data, ';') from pg_logical_slot_get_changes('feed', null, null)"))
                    .contains("id[integer]:2")
                    .contains("id[integer]:3");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void aVoterThatIsGoneHoldsNoConsumerUp(int version) throws SQLException {
        OtherPostgres programs = new OtherPostgres(version);
        try {
            programs.unpack();
            try (PostgresServer primary = PostgresServer.with(Map.of("wal_level", "logical"), programs.programs())) {
                primary.execute("create table event (id int)");
                primary.execute("select pg_create_physical_replication_slot('" + STANDBY.slotName() + "', true)");
                primary.execute(
                        "select pg_create_logical_replication_slot('feed', 'test_decoding', false, false, true)");
                PostgresSettings settings = new PostgresSettings.Primary(PRIMARY, SynchronousSet.NONE);
                primary.append("postgresql.conf", parameters(settings, List.of(STANDBY), primary));
                primary.reload();
                primary.execute("insert into event values (1)");
                assertThatThrownBySlowDecoding(primary);
                // Nobody streams any more, so that it is no voter that streams.
                primary.append("postgresql.conf", parameters(settings, List.of(), primary));
                primary.reload();
                Await.until(
                        "nobody is waited for",
                        () -> one(primary, "show synchronized_standby_slots").isEmpty());
                assertThat(one(
                                primary,
                                "select string_agg(data, ';') from pg_logical_slot_get_changes('feed', null, null)"))
                        .contains("id[integer]:1");
            }
        } finally {
            programs.close();
        }
    }

    private static void assertThatThrownBySlowDecoding(PostgresServer primary) throws SQLException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set statement_timeout = '2s'");
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> statement.execute("select * from pg_logical_slot_get_changes('feed', null, null)"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            late -> assertThat(late.getSQLState()).isEqualTo("57014"));
        }
    }
}
