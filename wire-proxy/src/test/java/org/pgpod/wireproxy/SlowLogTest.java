package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.wireproxy.telemetry.SlowLog;
import org.pgpod.wireproxy.testing.ProxyFixture;
import org.slf4j.LoggerFactory;

/** Slow statements are told of once, without anything that was a value. */
class SlowLogTest {
    private static final String SECRET = "correct-horse-battery";

    private static PostgresServer postgres;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };

    @BeforeAll
    static void start() {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void listen() {
        appender.start();
        ((Logger) LoggerFactory.getLogger("org.pgpod")).addAppender(appender);
    }

    @AfterEach
    void listenNoMore() {
        ((Logger) LoggerFactory.getLogger("org.pgpod")).detachAppender(appender);
    }

    private List<String> slow() {
        return lines.stream().filter(line -> line.startsWith("slow statement")).toList();
    }

    @Test
    void whatTakesLongerThanTheThresholdIsLogged() throws SQLException {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("slowStatementThreshold", "300ms"));
                Connection connection = proxy.connect(Map.of("ApplicationName", "a\" millis=0"));
                Statement statement = connection.createStatement()) {
            statement.execute("select 1");
            statement.execute("select pg_sleep(0.4), '" + SECRET + "'");
            Await.until("a line", () -> !slow().isEmpty());
            assertThat(slow()).hasSize(1);
            assertThat(slow().getFirst())
                    .contains("database=\"postgres\" user=\"postgres\"")
                    .contains("application=\"a\\\" millis=0\"")
                    .contains("client=127.0.0.1:")
                    .contains("sqlState=00000")
                    .containsPattern("fingerprint=[0-9a-f]{16} statement=select pg_sleep\\(\\?\\), \\?$");
        }
    }

    @Test
    void noSecretIsEverLogged() throws SQLException {
        try (ProxyFixture proxy = ProxyFixture.start(postgres, Map.of("slowStatementThreshold", "1ms"));
                Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create role carol login password '" + SECRET + "'; select pg_sleep(0.01)");
            statement.execute("set standard_conforming_strings = off; alter role carol password E'\\'" + SECRET
                    + "'; select pg_sleep(0.01)");
            statement.execute("do $x$ begin perform '" + SECRET + "', pg_sleep(0.01); end $x$");
            assertThatThrownBy(() -> statement.execute("alter role carol password $$" + SECRET
                            + "$$; select pg_sleep(0.01); alter role carol password " + SECRET.replace("-", "_")))
                    .isInstanceOf(SQLException.class);
            try (var prepared = connection.prepareStatement("select ?::text, pg_sleep(0.01)")) {
                prepared.setString(1, SECRET);
                // On a slow machine all that came before may have used up the lines of this second.
                Await.until("the last line", () -> {
                    prepared.execute();
                    return slow().stream().anyMatch(line -> line.contains("select $1::text"));
                });
            }
            assertThat(String.join("\n", lines))
                    .contains("alter role carol password ?")
                    .doesNotContain("horse");
        }
    }

    @Test
    void theNumberOfLinesIsBounded() throws SQLException {
        try (ProxyFixture proxy =
                        ProxyFixture.start(postgres, Map.of("slowStatementThreshold", "1ms", "clientTls", "allowed"));
                Connection connection = proxy.connect(Map.of("sslmode", "disable", "preferQueryMode", "simple"));
                Statement statement = connection.createStatement()) {
            long before = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                statement.execute("select pg_sleep(0.002)");
            }
            long seconds = (System.nanoTime() - before) / 1_000_000_000L + 2;
            Await.until(
                    "all are written or counted",
                    () -> slow().size() + proxy.metric("pgpod_proxy_slow_statements_suppressed_total") >= 200);
            assertThat(slow().size()).isLessThanOrEqualTo((int) (seconds * SlowLog.LINES_PER_SECOND_MAX));
        }
    }
}
