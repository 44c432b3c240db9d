package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.pgpod.wireproxy.testing.RawClient;

/** What real clients do shows in durations and states, with the labels that were asked for. */
class MeasuredTest {
    private static PostgresServer postgres;
    private static ProxyFixture proxy;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
        proxy = ProxyFixture.start(
                postgres, Map.of("clientTls", "allowed", "metricLabels", "[user, application]", "labelValuesMax", "3"));
    }

    @AfterAll
    static void stop() {
        proxy.close();
        postgres.close();
    }

    private static double count(String metric, String labels) {
        return proxy.metric("pgpod_proxy_" + metric + "_seconds_count{" + labels + "}");
    }

    @Test
    void durationsOfStatementsTransactionsLoginsAndHandshakesAreShown() throws SQLException {
        double handshakes = proxy.metric("pgpod_proxy_tls_handshake_duration_seconds_count");
        double logins = proxy.metric("pgpod_proxy_logins_total{encryption=\"tls\"}");
        String labels = "application=\"measured\",user=\"postgres\"";
        try (Connection connection =
                        proxy.connect(Map.of("ApplicationName", "measured", "assumeMinServerVersion", "15"));
                Statement statement = connection.createStatement();
                PreparedStatement sleep = connection.prepareStatement("select pg_sleep(?)")) {
            sleep.setDouble(1, 0.3);
            sleep.execute();
            connection.setAutoCommit(false);
            statement.execute("create temp table t (n int)");
            statement.execute("insert into t values (1)");
            connection.commit();
            connection.setAutoCommit(true);
            assertThatThrownBy(() -> statement.execute("select 1/0")).isInstanceOf(SQLException.class);
            String selects = "application=\"measured\",command=\"select\",user=\"postgres\"";
            assertThat(proxy.metric("pgpod_proxy_statement_duration_seconds_sum{" + selects + "}"))
                    .isGreaterThanOrEqualTo(0.3);
            assertThat(proxy.metric("pgpod_proxy_statement_duration_seconds_bucket{" + selects + ",le=\"0.25\"}"))
                    .isEqualTo(count("statement_duration", selects) - 1);
            assertThat(count("statement_duration", selects.replace("select", "insert")))
                    .isEqualTo(1);
            assertThat(count("statement_duration", selects.replace("select", "commit")))
                    .isEqualTo(1);
            assertThat(count("statement_duration", selects.replace("select", "failed")))
                    .isEqualTo(1);
            assertThat(count("transaction_duration", labels)).isGreaterThanOrEqualTo(3);
            assertThat(count("login_duration", labels)).isEqualTo(1);
            assertThat(proxy.metric(
                            "pgpod_proxy_sessions_by_state{application=\"measured\",state=\"idle\",user=\"postgres\"}"))
                    .isEqualTo(1);
        }
        assertThat(proxy.metric("pgpod_proxy_tls_handshake_duration_seconds_count"))
                .isEqualTo(handshakes + 1);
        assertThat(proxy.metric("pgpod_proxy_server_wait_seconds_count")).isGreaterThanOrEqualTo(1);
        assertThat(proxy.metric("pgpod_proxy_logins_total{encryption=\"tls\"}")).isEqualTo(logins + 1);
        Await.until(
                "the session is counted out",
                () -> proxy.metric(
                                "pgpod_proxy_sessions_by_state{application=\"measured\",state=\"idle\",user=\"postgres\"}")
                        == 0);
    }

    @Test
    void moreApplicationsThanAllowedShareALabel() throws Exception {
        for (int i = 0; i < 6; i++) {
            try (RawClient client = RawClient.connect(proxy.port())) {
                client.send(RawClient.startup("user", "postgres", "application_name", "app" + i));
                client.readUntil('Z');
                client.send(RawClient.query("set application_name = 'late" + i + "'"));
                client.readUntil('Z');
                client.send(RawClient.query("select 1"));
                client.readUntil('Z');
            }
        }
        assertThat(count("statement_duration", "application=\"other\",command=\"select\",user=\"postgres\""))
                .isGreaterThanOrEqualTo(3);
        long applications = proxy.admin("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("pgpod_proxy_login_duration_seconds_count"))
                .count();
        assertThat(applications).isLessThanOrEqualTo(4);
    }

    @Test
    void openMetricsAreServedToWhoAsksForThem() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + proxy.adminPort() + "/metrics"))
                    .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.3")
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/openmetrics-text");
            assertThat(answer.body()).endsWith("# EOF\n");
        }
    }
}
