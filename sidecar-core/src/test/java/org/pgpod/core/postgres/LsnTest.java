package org.pgpod.core.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.sql.ResultSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.PostgresServer;

class LsnTest {
    @ParameterizedTest
    @ValueSource(strings = {"0/0", "0/5A2B3C0", "16/B374D848", "FFFFFFFF/FFFFFFFF"})
    void textFormRoundTrips(String text) {
        assertThat(Lsn.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "0/", "/0", "1", "123456789/0", "0/123456789", "g/0", "0/-1", "0/0/0", " 0/0"})
    void otherTextsAreRefusedAndShown(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Lsn.parse(text)).withMessageContaining("'" + text + "'");
    }

    @Test
    void orderIsUnsigned() {
        assertThat(Lsn.parse("80000000/0")).isGreaterThan(Lsn.parse("7FFFFFFF/FFFFFFFF"));
        assertThat(Lsn.parse("0/2").minus(Lsn.parse("0/5"))).isEqualTo(-3);
        assertThat(Lsn.parse("0/5").isAtLeast(Lsn.parse("0/5"))).isTrue();
    }

    @Test
    void textAndOrderAgreeWithPostgres() throws Exception {
        long seed = 20_261_121;
        Random random = new Random(seed);
        try (PostgresServer server = PostgresServer.start();
                var connection = server.connect();
                var statement = connection.prepareStatement("SELECT ?::pg_lsn::text, ?::pg_lsn < ?::pg_lsn")) {
            for (int round = 0; round < 200; round++) {
                Lsn one = new Lsn(random.nextLong());
                Lsn other = new Lsn(random.nextLong());
                statement.setString(1, one.toString());
                statement.setString(2, one.toString());
                statement.setString(3, other.toString());
                try (ResultSet row = statement.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getString(1)).as("seed %d", seed).isEqualTo(one.toString());
                    assertThat(row.getBoolean(2)).as("seed %d", seed).isEqualTo(one.compareTo(other) < 0);
                }
            }
        }
    }
}
