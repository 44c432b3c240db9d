package org.pgpod.haagent.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.haagent.conf.RemoteAccess;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.port.Reading;

/** What a real server of another cluster tells, over TLS and to those alone who have a certificate of its authority. */
class RemoteReaderTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ROLE = "far";

    @TempDir
    private static Path directory;

    private static PostgresServer server = PostgresServer.start();

    @BeforeAll
    static void prepare() throws IOException {
        TestCertificates authority =
                TestCertificates.authority(Files.createDirectories(directory.resolve("authority")));
        authority.issue(directory.resolve("server"), "far", "IP:127.0.0.1");
        authority.issue(directory.resolve("client"), ROLE, "DNS:west");
        authority.issue(directory.resolve("older"), ROLE, "DNS:west");
        Path key = directory.resolve("older").resolve("tls.key");
        Unprivileged.run(List.of("openssl", "ec", "-in", key.toString(), "-out", key.toString()));
        assertThat(key).content().contains("BEGIN EC PRIVATE KEY");
        Files.copy(
                authority.authorityCertificate(),
                Files.createDirectories(directory.resolve("none")).resolve("ca.crt"));
        TestCertificates.authority(Files.createDirectories(directory.resolve("stranger")));
        Files.writeString(directory.resolve("password"), "the password of far\n");
        for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
            Path target = server.data().resolve(file);
            Unprivileged.run(List.of(
                    "sh",
                    "-c",
                    "cp \"$1\" \"$2\" && chown --reference=\"$3\" \"$2\" && chmod 600 \"$2\"",
                    "sh",
                    directory.resolve("server").resolve(file).toString(),
                    target.toString(),
                    server.data().toString()));
        }
        server.execute("create role " + ROLE + " login replication password 'the password of far'");
        server.append("postgresql.conf", """
                ssl = on
                ssl_cert_file = 'tls.crt'
                ssl_key_file = 'tls.key'
                ssl_ca_file = 'ca.crt'
                """);
        server.hba("""
                local all all trust
                host all postgres 127.0.0.1/32 trust
                hostssl replication far 127.0.0.1/32 scram-sha-256 clientcert=verify-full
                """);
        server.append("standby.signal", "");
        server.restart();
        server.execute("select pg_promote()");
        server.execute("select pg_create_physical_replication_slot('west')");
        server.execute("select pg_create_physical_replication_slot('1st')");
        server.execute("select pg_create_physical_replication_slot('timeline')");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Reading<RemoteSighting> ask(String certificates, Optional<String> slot) {
        RemoteAccess access = new RemoteAccess(
                directory.resolve("password"),
                Optional.of(directory.resolve(certificates)),
                directory.resolve("pgpass"));
        RemotePrimary remote = new RemotePrimary(
                "127.0.0.1", server.port(), ROLE, RemotePrimary.Security.VERIFY_FULL, slot, Optional.empty());
        return new RemoteReader(access).identify(remote, LIMIT);
    }

    private static RemoteSighting sighting(Optional<String> slot) {
        return switch (ask("client", slot)) {
            case Reading.Value<RemoteSighting>(RemoteSighting seen) -> seen;
            case Reading.Failure<RemoteSighting>(String reason) -> throw new AssertionError(reason);
        };
    }

    private static String told(String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void itTellsItsSystemItsLineAndHowFarItHasCome() throws SQLException {
        RemoteSighting seen = sighting(Optional.empty());

        assertThat(seen.systemId()).isEqualTo(new SystemId(told("select system_identifier from pg_control_system()")));
        assertThat(seen.timeline()).isEqualTo(new Timeline(2));
        assertThat(seen.branches())
                .extracting(RemoteSighting.Branch::timeline)
                .containsExactly(new Timeline(1), new Timeline(2));
        String file = told("select pg_read_file('pg_wal/00000002.history')");
        assertThat(file).contains("1\t" + seen.branches().getLast().start());
        assertThat(told("select pg_current_wal_lsn() >= '" + seen.end() + "'")).isEqualTo("t");
        assertThat(seen.end()).isGreaterThan(seen.branches().getLast().start());
    }

    @Test
    void itTellsWhetherASlotIsThereWhateverItsName() {
        assertThat(sighting(Optional.empty()).slotFound()).isEmpty();
        for (String slot : List.of("west", "1st", "timeline")) {
            assertThat(sighting(Optional.of(slot)).slotFound()).as(slot).contains(true);
        }
        assertThat(sighting(Optional.of("east")).slotFound()).contains(false);
    }

    @Test
    void theFormOfTheKeyDoesNotMatter() {
        assertThat(ask("older", Optional.empty())).isInstanceOf(Reading.Value.class);
    }

    @Test
    void withoutACertificateItTellsNothing() {
        assertThat(ask("none", Optional.empty()))
                .isInstanceOf(Reading.Failure.class)
                .asString()
                .contains("127.0.0.1:" + server.port() + ": ", "client certificate");
    }

    @Test
    void aServerThatTheAuthorityDoesNotVouchForIsNotBelieved() {
        assertThat(ask("stranger", Optional.empty()))
                .isInstanceOf(Reading.Failure.class)
                .asString()
                .contains("does not chain with any of the trust anchors");
        assertThat(ask("missing", Optional.empty())).asString().contains("missing/ca.crt");
    }
}
