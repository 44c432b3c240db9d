package org.pgpod.wireproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.testing.PoolFixture;

/** A postmaster that hangs takes in nobody: pooled clients are told in time, and come in again when it goes on. */
class HungPostgresTest {
    private static void signal(String name, long pid) {
        Unprivileged.run(List.of("kill", name, Long.toString(pid)));
    }

    @Test
    void aClientDoesNotWaitLongerThanForItsLogin() throws IOException, SQLException {
        try (PoolFixture pool = PoolFixture.start("transaction", Map.of("loginTimeout", "2s"))) {
            try (Connection before = pool.connect()) {
                assertThat(PoolFixture.value(before, "select 1")).isEqualTo("1");
            }
            long postmaster = pool.postgres().pid();
            signal("-STOP", postmaster);
            try {
                // Another setting means another pool, for which Postgres has to take in a new connection.
                assertThatThrownBy(() -> pool.connect(Map.of("options", "-c work_mem=5MB"))
                                .close())
                        .isInstanceOf(SQLException.class);
                assertThat(pool.proxy().admin("/livez").statusCode()).isEqualTo(200);
            } catch (InterruptedException stopping) {
                throw new IOException(stopping);
            } finally {
                signal("-CONT", postmaster);
            }
            Await.until("clients come in again", () -> {
                try (Connection after = pool.connect(Map.of("options", "-c work_mem=5MB"))) {
                    return PoolFixture.value(after, "show work_mem").equals("5MB");
                } catch (SQLException notYet) {
                    return false;
                }
            });
        }
    }
}
