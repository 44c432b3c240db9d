package org.pgpod.logshipper.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.parse.RowEncoder;
import org.pgpod.logshipper.sink.StoreSettings.SslMode;

class PostgresStoreTest {
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void emptyStore() {
        server.execute("DROP SCHEMA IF EXISTS pgpod_logs CASCADE");
    }

    private static StoreSettings settings(int retentionDays) {
        return new StoreSettings(
                "127.0.0.1",
                server.port(),
                "postgres",
                "postgres",
                Optional.empty(),
                SslMode.DISABLE,
                Optional.empty(),
                Duration.ofSeconds(10),
                retentionDays);
    }

    private static Source source() {
        return new Source("c", "n", "p-0", Optional.empty(), UUID.randomUUID().toString());
    }

    /** One row at each of these times, from a file that the store does not know. */
    private static Batch batch(Source source, int file, Instant... times) {
        Batch batch = new Batch(1_000_000);
        RecordFields fields = new RecordFields();
        RowEncoder encoder = new RowEncoder(source);
        for (Instant time : times) {
            fields.reset(Table.POSTGRES_LOG);
            fields.setTime(0, time.getEpochSecond() * 1_000_000);
            encoder.write(fields, batch.rows(Table.POSTGRES_LOG));
            batch.addDay(time.getEpochSecond() * 1_000_000);
        }
        Fingerprint fingerprint = Fingerprint.of(new byte[] {1}, new byte[] {2});
        batch.seal(1, List.of(new Advance(0, new FileState(file, LogStream.POSTGRES, "f.json", 7, 100, fingerprint))));
        return batch;
    }

    private static List<String> texts(String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(String.valueOf(rows.getString(1)));
            }
        }
        return texts;
    }

    @Test
    void daysHavePartitionsAndOldOnesAreRemoved() throws Exception {
        Source source = source();
        Instant now = Instant.now();
        Instant[] times = {
            now, now.minus(Duration.ofDays(5)), now.minus(Duration.ofDays(40)), now.plus(Duration.ofDays(400))
        };
        PostgresStore store = new PostgresStore(settings(14), source);
        assertThat(store.open()).isInstanceOf(Opening.Opened.class);
        assertThat(store.deliver(batch(source, 1, times))).isInstanceOf(Delivery.Stored.class);
        assertThat(texts("SELECT replace(tableoid::regclass::text, 'pgpod_logs.', '') FROM pgpod_logs.postgres_log"
                        + " ORDER BY log_time"))
                .containsExactly(
                        "postgres_log_default",
                        partition(now.minus(Duration.ofDays(5))),
                        partition(now),
                        "postgres_log_default");
        assertThat(texts(
                        "SELECT to_regclass('pgpod_logs." + partition(now.plus(Duration.ofDays(3))) + "') IS NOT NULL"))
                .containsExactly("t");
        store.maintain(List.of(1));
        assertThat(texts("SELECT count(*) FROM pgpod_logs.postgres_log")).containsExactly("3");
        store.close();
        PostgresStore shorter = new PostgresStore(settings(3), source);
        assertThat(shorter.open()).isInstanceOf(Opening.Opened.class);
        assertThat(texts("SELECT count(*) FROM pgpod_logs.postgres_log")).containsExactly("2");
        assertThat(texts("SELECT to_regclass('pgpod_logs." + partition(now.minus(Duration.ofDays(5))) + "')"))
                .containsExactly("null");
        shorter.close();
    }

    private static String partition(Instant time) {
        return "postgres_log_"
                + LocalDate.ofInstant(time, ZoneOffset.UTC).toString().replace("-", "");
    }

    @Test
    void partitionThatCannotBeMadeHoldsNothingUp() throws Exception {
        Source source = source();
        PostgresStore store = new PostgresStore(settings(0), source);
        assertThat(store.open()).isInstanceOf(Opening.Opened.class);
        Instant then = Instant.now().minus(Duration.ofDays(7));
        server.execute("INSERT INTO pgpod_logs.postgres_log (log_time, cluster, namespace, pod, source_id)"
                + " VALUES ('" + then + "', 'c', 'n', 'p', gen_random_uuid())");
        assertThat(store.deliver(batch(source, 1, then, then))).isInstanceOf(Delivery.Stored.class);
        assertThat(texts("SELECT count(*) FROM pgpod_logs.postgres_log_default"))
                .containsExactly("3");
        store.close();
    }

    @Test
    void shippersThatBeginAtOnceAgreeOnTheSchema() throws Exception {
        Callable<Opening> open = () -> {
            PostgresStore store = new PostgresStore(settings(14), source());
            Opening opening = store.open();
            store.close();
            return opening;
        };
        try (var threads = Executors.newFixedThreadPool(6)) {
            for (Future<Opening> opening : threads.invokeAll(List.of(open, open, open, open, open, open))) {
                assertThat(opening.get()).isInstanceOf(Opening.Opened.class);
            }
        }
        assertThat(texts("SELECT version FROM pgpod_logs.schema_version")).containsExactly("2");
    }

    @Test
    void newerSchemaIsLeftAlone() {
        PostgresStore store = new PostgresStore(settings(14), source());
        assertThat(store.open()).isInstanceOf(Opening.Opened.class);
        store.close();
        server.execute("UPDATE pgpod_logs.schema_version SET version = 99");
        assertThat(store.open()).as("says that version 2 may write").isInstanceOf(Opening.Opened.class);
        store.close();
        server.execute("UPDATE pgpod_logs.schema_version SET writable_from = 98");
        assertThat(store.open())
                .isInstanceOfSatisfying(
                        Opening.Closed.class,
                        closed -> assertThat(closed.reason()).contains("99"));
    }

    @Test
    void wordsOfClosedDaysAreIndexedAndFound() throws Exception {
        Source source = source();
        Instant closed = Instant.now().minus(Duration.ofDays(5));
        PostgresStore store = new PostgresStore(settings(14), source);
        assertThat(store.open()).isInstanceOf(Opening.Opened.class);
        assertThat(store.deliver(batch(source, 1, closed, Instant.now()))).isInstanceOf(Delivery.Stored.class);
        store.close();
        server.execute("UPDATE pgpod_logs.postgres_log SET message = 'deadlock detected', statement = 'update t'");
        server.execute("CALL pgpod_logs.index_closed_days()");
        server.execute("CALL pgpod_logs.index_closed_days()");
        assertThat(texts("SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%search_text%'"))
                .containsExactly(partition(closed));
        assertThat(
                        texts(
                                "SELECT count(*) FROM pgpod_logs.search('deadlock update -vacuum', now() - interval '10 days')"))
                .containsExactly("2");
        assertThat(texts("SELECT count(*) FROM pgpod_logs.search('deadlock')")).containsExactly("1");
        assertThat(texts("SELECT count(*) FROM pgpod_logs.search('vacuum')")).containsExactly("0");
        assertThat(texts("EXPLAIN SELECT * FROM pgpod_logs.search('deadlock', '" + closed.minusSeconds(60) + "', '"
                        + closed.plusSeconds(60) + "')"))
                .as("only the day that is asked for is read")
                .noneMatch(line -> line.contains(partition(Instant.now())));
    }

    @Test
    void storeOfTheFirstVersionIsMigratedWithItsRows() throws Exception {
        Instant now = Instant.now();
        server.execute("CREATE SCHEMA pgpod_logs; CREATE TABLE pgpod_logs.schema_version (version integer NOT NULL);"
                + " INSERT INTO pgpod_logs.schema_version VALUES (1)");
        server.execute(Files.readString(Path.of("src/main/resources/org/pgpod/logshipper/sink/schema-1.sql")));
        server.execute("CREATE TABLE pgpod_logs." + partition(now) + " PARTITION OF pgpod_logs.postgres_log FOR VALUES"
                + " FROM ('" + LocalDate.ofInstant(now, ZoneOffset.UTC) + " 00:00:00+00') TO ('"
                + LocalDate.ofInstant(now, ZoneOffset.UTC).plusDays(1) + " 00:00:00+00')");
        String oldRow = "INSERT INTO pgpod_logs.postgres_log (log_time, cluster, namespace, pod, source_id, message)"
                + " VALUES ('" + now + "', 'c', 'n', 'p', gen_random_uuid(), 'old')";
        server.execute(oldRow);
        Source source = source();
        PostgresStore store = new PostgresStore(settings(14), source);
        assertThat(store.open()).isInstanceOf(Opening.Opened.class);
        assertThat(store.deliver(batch(source, 1, now))).isInstanceOf(Delivery.Stored.class);
        // A shipper of the first version that was connected before goes on to write.
        server.execute(oldRow);
        assertThat(texts("SELECT count(*) || ' ' || count(event) FROM pgpod_logs.postgres_log"))
                .containsExactly("3 0");
        assertThat(texts("SELECT version || ' ' || writable_from FROM pgpod_logs.schema_version"))
                .containsExactly("2 2");
        assertThat(texts(
                        "SELECT count(*) FROM pg_indexes WHERE schemaname = 'pgpod_logs' AND indexdef LIKE '%(event, log_time)%'"
                                + " AND tablename ~ '_[0-9]{8}$' AND tablename <> '" + partition(now) + "'"))
                .as("partitions that are made from now on")
                .containsExactly("3");
        store.close();
    }

    @Test
    void batchThatDoesNotContinueTheStoredPositionIsNotStored() throws Exception {
        Source source = source();
        PostgresStore store = new PostgresStore(settings(14), source);
        assertThat(store.open()).isInstanceOf(Opening.Opened.class);
        assertThat(store.deliver(batch(source, 1, Instant.now()))).isInstanceOf(Delivery.Stored.class);
        assertThat(store.deliver(batch(source, 1, Instant.now()))).isInstanceOf(Delivery.Diverged.class);
        assertThat(texts("SELECT count(*) FROM pgpod_logs.postgres_log")).containsExactly("1");
    }

    @Test
    void ownerOfTheSchemaNeedsNoOtherRight(@TempDir Path directory) throws Exception {
        TestCertificates authority = TestCertificates.authority(directory);
        Path secret = directory.resolve("secret");
        authority.issue(secret, "store", "IP:127.0.0.1");
        server.append("server.crt", Files.readString(secret.resolve("tls.crt")));
        server.append("server.key", Files.readString(secret.resolve("tls.key")));
        Unprivileged.run(
                List.of("chmod", "600", server.data().resolve("server.key").toString()));
        server.append("postgresql.conf", "ssl = on\n");
        server.execute("CREATE ROLE shipper LOGIN PASSWORD 'secret'; CREATE SCHEMA pgpod_logs AUTHORIZATION shipper");
        server.hba("hostssl all shipper 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n");
        server.reload();
        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        Path other = Files.createDirectory(directory.resolve("other"));
        TestCertificates.authority(other);
        Source source = source();
        try {
            PostgresStore store = new PostgresStore(
                    tls(password, SslMode.VERIFY_FULL, Optional.of(directory.resolve("ca.crt"))), source);
            assertThat(store.open()).isInstanceOf(Opening.Opened.class);
            assertThat(store.deliver(batch(source, 1, Instant.now()))).isInstanceOf(Delivery.Stored.class);
            store.close();
            for (Optional<Path> wrong : List.of(Optional.of(other.resolve("ca.crt")), Optional.<Path>empty())) {
                assertThat(new PostgresStore(tls(password, SslMode.VERIFY_FULL, wrong), source).open())
                        .isInstanceOf(Opening.Closed.class);
            }
        } finally {
            server.execute("DROP SCHEMA pgpod_logs CASCADE; DROP ROLE shipper");
            server.hba("host all postgres 127.0.0.1/32 trust\n");
            server.reload();
        }
    }

    private static StoreSettings tls(Path password, SslMode mode, Optional<Path> authorities) {
        return new StoreSettings(
                "127.0.0.1",
                server.port(),
                "postgres",
                "shipper",
                Optional.of(password),
                mode,
                authorities,
                Duration.ofSeconds(10),
                14);
    }
}
