package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.testing.ProxyFixture;

/** Which TLS is spoken. */
class TlsPolicyTest {
    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static String connected(ProxyFixture proxy, String versions) throws IOException, InterruptedException {
        Process psql = new ProcessBuilder(List.of("psql", "-Xc", "\\conninfo", proxy.libpq(versions)))
                .redirectErrorStream(true)
                .start();
        String printed = new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(psql.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return printed;
    }

    @Test
    void onlyTls13IsSpokenIfThatIsWanted() throws Exception {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("tlsVersionMin", "TLSv1.3"))) {
            assertThat(connected(proxy, "")).contains("protocol: TLSv1.3");
            assertThat(connected(proxy, "ssl_max_protocol_version=TLSv1.2")).contains("alert protocol version");
        }
    }

    @Test
    void theSuitesOfTls12CanBeChosen() throws Exception {
        String suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("tlsCiphers", suite))) {
            assertThat(connected(proxy, "ssl_max_protocol_version=TLSv1.2"))
                    .contains("protocol: TLSv1.2")
                    .contains("ECDHE-ECDSA-CHACHA20-POLY1305");
            assertThat(connected(proxy, "")).contains("protocol: TLSv1.3");
        }
    }

    @Test
    void bothVersionsAreSpokenByDefault() throws Exception {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of())) {
            assertThat(connected(proxy, "")).contains("protocol: TLSv1.3");
            assertThat(connected(proxy, "ssl_max_protocol_version=TLSv1.2"))
                    .contains("protocol: TLSv1.2")
                    .doesNotContain("CHACHA20");
        }
    }

    @Test
    void aSuiteThatDoesNotExistIsOneClearSentence() {
        for (String suite : List.of("HIGH", "TLS_AES_128_GCM_SHA256")) {
            try (ProxyFixture proxy = ProxyFixture.prepare(postgres, Map.of("tlsCiphers", suite))) {
                assertThatThrownBy(() -> proxy.sidecar().start())
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith(
                                "wireProxy.tlsCiphers names " + suite + ", which is not a cipher suite of TLS 1.2");
            }
        }
        assertThatThrownBy(() -> ProxyFixture.prepare(postgres, Map.of("tlsVersionMin", "TLSv1.1")))
                .hasMessageContaining("TLSv1.2 or TLSv1.3");
    }
}
