package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.haagent.act.ConfigMapStore;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.conf.ConfigurationText;
import org.pgpod.haagent.conf.HbaRules;
import org.pgpod.haagent.conf.IdentLines;
import org.pgpod.haagent.conf.ParameterCheck;
import org.pgpod.haagent.conf.PeerAccess;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.SensitiveValues;
import org.pgpod.haagent.model.ServerCatalog;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.observe.CatalogReader;
import org.pgpod.haagent.testing.TestKubernetes;

/** The dynamic configuration against a real server, and its ConfigMap against an API that locks optimistically. */
class DynamicConfigurationTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static <T> T value(Reading<T> reading) {
        assertThat(reading).isInstanceOf(Reading.Value.class);
        return ((Reading.Value<T>) reading).value();
    }

    private static ServerCatalog catalog(PostgresServer server) throws Exception {
        Path password = Files.createTempFile("password", "");
        Files.writeString(password, "any\n");
        try (PostgresSession session =
                new PostgresSession("127.0.0.1", server.port(), "postgres", new Credential(password))) {
            return value(new CatalogReader(session).read(TIMEOUT));
        } finally {
            Files.delete(password);
        }
    }

    @Test
    void parametersAreCheckedByWhatTheServerSaysOfThem() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            ServerCatalog catalog = catalog(server);
            Map<String, String> good = Map.of(
                    "work_mem", "64MB",
                    "shared_buffers", "1GB",
                    "max_connections", "200",
                    "autovacuum_naptime", "2min",
                    "checkpoint_completion_target", "0.7",
                    "wal_level", "logical",
                    "jit", "off",
                    "log_min_duration_statement", "-1",
                    "pg_stat_statements.max", "1000",
                    "search_path", "app, public");
            assertThat(ParameterCheck.problems(good, catalog)).isEmpty();
            assertThat(ParameterCheck.problems(Map.of("max_connection", "5"), catalog))
                    .containsExactly("postgresql.parameters: this server has no parameter max_connection");
            assertThat(ParameterCheck.problems(Map.of("max_connections", "0"), catalog))
                    .containsExactly(
                            "postgresql.parameters: max_connections is '0'; it must be a whole number from 1 to"
                                    + " 262143");
            assertThat(ParameterCheck.problems(Map.of("work_mem", "10 minutes"), catalog))
                    .containsExactly(
                            "postgresql.parameters: work_mem is '10 minutes'; it must be a whole number of kB, or"
                                    + " with a unit (B, GB, MB, TB, kB), from 64 to 2147483647");
            assertThat(ParameterCheck.problems(Map.of("wal_level", "most"), catalog))
                    .containsExactly("postgresql.parameters: wal_level is 'most'; it must be one of minimal, replica,"
                            + " logical");
            assertThat(ParameterCheck.problems(Map.of("jit", "perhaps"), catalog))
                    .containsExactly("postgresql.parameters: jit is 'perhaps'; it must be on or off");
            assertThat(ParameterCheck.problems(Map.of("block_size", "8192"), catalog))
                    .hasSize(1);
            assertThat(catalog.sensitive().of("max_connections")).isEqualTo(100);
            // Postgres itself must agree with every verdict that lets a value through.
            Map<String, String> loadable = new TreeMap<>(good);
            loadable.remove("pg_stat_statements.max");
            for (Map.Entry<String, String> parameter : loadable.entrySet()) {
                server.execute("alter system set " + parameter.getKey() + " = "
                        + (parameter.getKey().equals("search_path")
                                ? parameter.getValue()
                                : "'" + parameter.getValue() + "'"));
            }
            server.reload();
            org.pgpod.core.testing.Await.until(
                    "the restart is called for",
                    () -> catalog(server)
                            .parameter("max_connections")
                            .orElseThrow()
                            .pendingRestart());
        }
    }

    @Test
    void theServerReadsEveryLineThatIsLetThrough() throws SQLException {
        List<String> hba = List.of(
                "local \"my db\",other +staff scram-sha-256",
                "host all all 10.0.0.0/8 md5",
                "host all all 10.0.0.0 255.0.0.0 reject",
                "host all all fd00::/8 scram-sha-256",
                "hostnossl all all .example.com ldap ldapserver=ldap.example.com ldapprefix=\"cn=\"",
                "host all all samenet password");
        String quoted = hba.stream()
                .map(line -> "'" + line.replace("'", "''") + "'")
                .collect(java.util.stream.Collectors.joining(", "));
        assertThat(ConfigurationText.parse("postgresql: {pg_hba: [" + quoted + "]}")
                        .problems())
                .isEmpty();
        try (PostgresServer server = PostgresServer.start()) {
            server.hba("local all all trust\nhost all all 127.0.0.1/32 trust\n"
                    + HbaRules.text(PeerAccess.Security.NONE, hba));
            server.append("pg_ident.conf", IdentLines.text(List.of("people /^(.*)@example\\.com$ \\1")));
            server.reload();
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "select count(*) filter (where error is not null)," + " count(*) from pg_hba_file_rules")) {
                row.next();
                assertThat(row.getInt(1)).isZero();
                assertThat(row.getInt(2)).isGreaterThan(hba.size());
            }
        }
    }

    @Test
    void theConfigMapIsWrittenOnlyByWhoKnowsItsLastVersion() {
        try (TestKubernetes kubernetes = TestKubernetes.standIn();
                KubernetesApi api = KubernetesApi.open(kubernetes.config(), TIMEOUT)) {
            ConfigMapStore store = new ConfigMapStore(api, new ClusterNames("default", "demo"));
            assertThat(value(store.read(TIMEOUT))).isEqualTo(ConfigMapView.ABSENT);
            ConfigMapPort.Write created =
                    store.write(ConfigMapView.ABSENT.with(ConfigMapView.CONFIG, Optional.of("a: 1")), TIMEOUT);
            assertThat(created).isInstanceOf(ConfigMapPort.Write.Stored.class);
            assertThat(store.write(ConfigMapView.ABSENT.with(ConfigMapView.CONFIG, Optional.of("b: 1")), TIMEOUT))
                    .isEqualTo(new ConfigMapPort.Write.Outdated());
            ConfigMapView first = value(store.read(TIMEOUT));
            assertThat(first.entry(ConfigMapView.CONFIG)).isEqualTo(Optional.of("a: 1"));
            ConfigMapView wanted = first.with(ConfigMapView.ACCEPTED, Optional.of("a: 1"));
            assertThat(store.write(wanted, TIMEOUT)).isInstanceOf(ConfigMapPort.Write.Stored.class);
            assertThat(store.write(wanted, TIMEOUT)).isEqualTo(new ConfigMapPort.Write.Outdated());
            ConfigMapView second = value(store.read(TIMEOUT));
            assertThat(store.write(second.with(ConfigMapView.ACCEPTED, Optional.empty()), TIMEOUT))
                    .isInstanceOf(ConfigMapPort.Write.Stored.class);
            assertThat(value(store.read(TIMEOUT)).entries())
                    .isEqualTo(new TreeMap<>(Map.of(ConfigMapView.CONFIG, "a: 1")));
        }
    }

    @Test
    void controlDataOfTheServersOwnToolIsUnderstood() {
        try (PostgresServer server = PostgresServer.start()) {
            String output =
                    org.pgpod.core.testing.Unprivileged.run(org.pgpod.core.testing.Unprivileged.asServer(List.of(
                            PostgresServer.PROGRAMS.resolve("pg_controldata").toString(),
                            server.data().toString())));
            SensitiveValues values = SensitiveValues.inControlData(output);
            assertThat(values.isKnown()).isTrue();
            assertThat(values.of("max_connections")).isEqualTo(100);
            assertThat(values.of("max_locks_per_transaction")).isEqualTo(64);
        }
    }
}
