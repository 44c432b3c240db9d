package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** Postgres's own tools replicate through the proxy, peers with their certificate and nobody without. */
class ReplicationTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.with(Map.of("wal_level", "logical"));
        postgres.execute("create role pgpod_replication login replication; create role pgpod_rewind login");
        proxy = ProxyFixture.start(postgres, Map.of());
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    private static String program(String name) {
        return PostgresServer.PROGRAMS.resolve(name).toString();
    }

    @Test
    void aBaseBackupIsTakenThroughThePeerListener() {
        Path target = proxy.directory().resolve("backup");
        Unprivileged.run(List.of(
                program("pg_basebackup"), "-d", proxy.libpqPeer("pgpod_replication"), "-D", target.toString(), "-Xs"));
        assertThat(target.resolve("backup_label")).exists();
        assertThat(Unprivileged.run(List.of(program("pg_verifybackup"), target.toString())))
                .contains("successfully verified");
        assertThat(proxy.metric("pgpod_proxy_sessions_total{listener=\"peers\"}"))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void walIsReceivedThroughThePeerListenerAlsoAfterTheLeaseEnded() throws Exception {
        Path target = Files.createDirectory(proxy.directory().resolve("wal"));
        Process receiver = new ProcessBuilder(
                        program("pg_receivewal"),
                        "-d",
                        proxy.libpqPeer("pgpod_replication") + " dbname=replication",
                        "-D",
                        target.toString(),
                        "--no-loop")
                .redirectErrorStream(true)
                .redirectOutput(proxy.directory().resolve("receivewal.log").toFile())
                .start();
        try {
            Await.until("a segment is being received", () -> segments(target) >= 1);
            proxy.token().none();
            postgres.execute("create table after_the_lease (n int); select pg_switch_wal()");
            Await.until("the next segment is being received", () -> segments(target) >= 2);
            assertThat(receiver.isAlive()).isTrue();
        } finally {
            receiver.destroyForcibly().waitFor();
            proxy.awaitAnswer(proxy.token().standby(org.pgpod.core.pod.LeaseToken.Phase.OPEN));
        }
    }

    private static long segments(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.count();
        }
    }

    @Test
    void rewindMayLogInAndClientsOnlyWhereThePrimaryIs() {
        String sql = Unprivileged.run(List.of(
                program("psql"), proxy.libpqPeer("pgpod_rewind") + " dbname=postgres", "-qAtc", "select current_user"));
        assertThat(sql).isEqualTo("pgpod_rewind\n");
        assertThatThrownBy(() -> Unprivileged.run(
                        List.of(program("psql"), proxy.libpqPeer("postgres") + " dbname=postgres", "-c", "select 1")))
                .hasMessageContaining("The primary was looked for here, and it is not.");
    }

    @Test
    void aPeerWithoutACertificateIsRefused() throws IOException {
        String withoutCertificate = "host=127.0.0.1 port=" + proxy.peerPort()
                + " user=pgpod_rewind dbname=postgres sslmode=require sslcert=/none sslkey=/none";
        assertThatThrownBy(() -> Unprivileged.run(List.of(program("psql"), withoutCertificate, "-c", "select 1")))
                .hasMessageContaining("certificate required");
        try (RawClient plain = RawClient.connect(proxy.peerPort())) {
            plain.send(RawClient.startup("user", "pgpod_replication", "replication", "true"));
            assertThat(plain.readLastError().orElseThrow().field('C')).isEqualTo("28000");
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws IOException {
        Path foreign = Files.createDirectory(proxy.directory().resolve("foreign"));
        var authority = org.pgpod.core.testing.TestCertificates.authority(
                Files.createDirectory(proxy.directory().resolve("other-authority")));
        authority.issue(foreign, "peer", "IP:127.0.0.1");
        Path key = proxy.directory().resolve("foreign.key");
        Files.copy(foreign.resolve("tls.key").toRealPath(), key);
        Files.setPosixFilePermissions(key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        String connection = "host=127.0.0.1 port=" + proxy.peerPort()
                + " user=pgpod_rewind dbname=postgres sslmode=require sslcert=" + foreign.resolve("tls.crt")
                + " sslkey=" + key;
        assertThatThrownBy(() -> Unprivileged.run(List.of(program("psql"), connection, "-c", "select 1")))
                .hasMessageContaining("psql: error");
    }

    @Test
    void logicalChangesAreReceivedThroughTheClientPort() throws Exception {
        postgres.execute("create table watched (n int)");
        postgres.execute("select pg_create_logical_replication_slot('s', 'test_decoding')");
        Path output = proxy.directory().resolve("changes");
        Process receiver = new ProcessBuilder(
                        program("pg_recvlogical"),
                        "-d",
                        proxy.libpq(""),
                        "--slot=s",
                        "--start",
                        "--no-loop",
                        "--file=" + output)
                .redirectErrorStream(true)
                .redirectOutput(proxy.directory().resolve("recvlogical.log").toFile())
                .start();
        try {
            postgres.execute("insert into watched select generate_series(1, 1000)");
            Await.until(
                    "all changes are received",
                    () -> Files.exists(output) && Files.readString(output).contains("n[integer]:1000"));
        } finally {
            receiver.destroy();
            receiver.waitFor();
        }
    }
}
