package org.pgpod.exporter.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackendTitleTest {
    @Test
    void sessionsNameUserAndDatabase() {
        assertThat(parse("app shop 127.0.0.1(4711) idle")).isEqualTo(client("shop", "app"));
        assertThat(parse("app shop [local] SELECT waiting")).isEqualTo(client("shop", "app"));
        assertThat(parse("app shop ::1(4711) COPY")).isEqualTo(client("shop", "app"));
        assertThat(parse("two words shop [local] idle")).isEqualTo(client("shop", "two words"));
        assertThat(parse("app shop [local]")).isEqualTo(client("shop", "app"));
    }

    @Test
    void sessionsThatAreNotAdmittedYetNameNobody() {
        assertThat(parse("app shop [local] authentication")).isEqualTo(client("", ""));
        assertThat(parse("app shop 10.0.0.1(1) startup")).isEqualTo(client("", ""));
        assertThat(parse("app shop 10.0.0.1(1) initializing")).isEqualTo(client("", ""));
    }

    @Test
    void processesOfTheServerAreNamedAsInPgStatActivity() {
        assertThat(parse("walwriter").type()).isEqualTo("walwriter");
        assertThat(parse("startup recovering 000000010000000000000003").type()).isEqualTo("startup");
        assertThat(parse("walsender pgpod_replication 10.0.0.2(4242) streaming 0/3000148"))
                .isEqualTo(new BackendTitle("walsender", "", ""));
        assertThat(parse("parallel worker for PID 4711").type()).isEqualTo("parallel worker");
        assertThat(parse("io worker 1").type()).isEqualTo("io worker");
        assertThat(parse("autovacuum worker shop")).isEqualTo(new BackendTitle("autovacuum worker", "shop", ""));
        assertThat(parse("TimescaleDB Background Worker Launcher").type()).isEqualTo("background worker");
    }

    @Test
    void theNameOfTheClusterIsLearnedFromTheCheckpointer() {
        assertThat(BackendTitle.clusterPrefix("postgres: my cluster: checkpointer  "))
                .contains("my cluster: ");
        assertThat(BackendTitle.clusterPrefix("postgres: checkpointer")).contains("");
        assertThat(BackendTitle.clusterPrefix("postgres: demo: autovacuum worker checkpointer"))
                .isEmpty();
        assertThat(BackendTitle.parse("postgres: my cluster: app shop [local] idle", "my cluster: "))
                .isEqualTo(client("shop", "app"));
    }

    private static BackendTitle parse(String words) {
        return BackendTitle.parse("postgres: " + words, "");
    }

    private static BackendTitle client(String database, String user) {
        return new BackendTitle("client backend", database, user);
    }
}
