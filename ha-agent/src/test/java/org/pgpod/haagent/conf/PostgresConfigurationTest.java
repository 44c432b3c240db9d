package org.pgpod.haagent.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.Upstream;

class PostgresConfigurationTest {
    private static final MemberName SELF = new MemberName("demo-1", new DataId("0a1b2c3d"));
    private static final Upstream UPSTREAM = new Upstream("demo-0", "10.0.0.3", 5432);

    private static PostgresLayout layout(Map<String, String> parameters) {
        return layout(parameters, Tuning.NONE);
    }

    private static PostgresLayout layout(Map<String, String> parameters, Tuning tuning) {
        return new PostgresLayout(
                "demo",
                "127.0.0.1",
                5433,
                Path.of("/run/pgpod/sql"),
                Path.of("/run/pgpod/conf"),
                Path.of("/var/log/pgpod/postgres"),
                PostgresLayout.LogFormat.JSONLOG,
                new PeerAccess(
                        5434,
                        PeerAccess.Security.VERIFY_CA,
                        Path.of("/etc/pgpod/tls/peer"),
                        Path.of("/run/pgpod/supervisor/private/pgpass")),
                new RemoteAccess(
                        Path.of("/etc/pgpod/remote/password"),
                        Optional.of(Path.of("/etc/pgpod/remote")),
                        Path.of("/run/pgpod/supervisor/private/pgpass")),
                parameters,
                tuning,
                Duration.ofHours(1));
    }

    @Test
    void theLeaderOfAStandbyClusterStreamsFromTheOtherOne() {
        RemotePrimary remote = new RemotePrimary(
                "db.example",
                6432,
                "east",
                RemotePrimary.Security.VERIFY_FULL,
                Optional.of("slot_of_west"),
                Optional.of("cp /archive/%f %p"));
        Map<String, String> parameters = ServerParameters.of(
                new PostgresSettings.Remote(SELF, remote), layout(Map.of()), ServerConfiguration.NONE);
        assertThat(parameters.get("primary_conninfo"))
                .contains("host=db.example port=6432 user=east")
                .contains("sslmode=verify-full")
                .contains("sslrootcert=/etc/pgpod/remote/ca.crt")
                .contains("passfile=/run/pgpod/supervisor/private/pgpass")
                .doesNotContain("password=");
        assertThat(parameters)
                .containsEntry("primary_slot_name", "slot_of_west")
                .containsEntry("restore_command", "cp /archive/%f %p")
                .containsEntry("recovery_min_apply_delay", "0");
    }

    @Test
    void aStandbyStreamsThroughItsUpstreamsPeerListener() {
        Map<String, String> parameters = ServerParameters.of(
                new PostgresSettings.Standby(SELF, UPSTREAM), layout(Map.of()), ServerConfiguration.NONE);
        assertThat(parameters.get("primary_conninfo"))
                .isEqualTo("host=10.0.0.3 port=5434 user=pgpod_replication connect_timeout=5 gssencmode=disable"
                        + " sslmode=verify-ca sslcert=/etc/pgpod/tls/peer/tls.crt sslkey=/etc/pgpod/tls/peer/tls.key"
                        + " sslrootcert=/etc/pgpod/tls/peer/ca.crt application_name=demo-1_0a1b2c3d"
                        + " passfile=/run/pgpod/supervisor/private/pgpass dbname=postgres");
        assertThat(parameters.get("primary_slot_name")).isEqualTo("demo_1_0a1b2c3d");
    }

    @Test
    void aDetachedServerFollowsNobody() {
        Map<String, String> parameters =
                ServerParameters.of(new PostgresSettings.Detached(SELF), layout(Map.of()), ServerConfiguration.NONE);
        assertThat(parameters)
                .containsEntry("primary_conninfo", "")
                .containsEntry("restore_command", "")
                .containsEntry("restart_after_crash", "off");
    }

    @Test
    void everyManagedNameIsWrittenAndTheOperatorCannotSetIt() {
        Set<String> written = new HashSet<>(ServerParameters.of(
                        new PostgresSettings.Primary(SELF, SynchronousSet.NONE),
                        layout(Map.of()),
                        ServerConfiguration.NONE)
                .keySet());
        assertThat(written).containsAll(ServerParameters.managedNames());
        for (String managed : ServerParameters.managedNames()) {
            assertThat(ServerParameters.problems(Map.of(managed, "x")))
                    .containsExactly("haAgent.parameters: " + managed + " is managed by ha-agent and cannot be set");
        }
    }

    @Test
    void theOperatorsParametersReplaceTheStandards() {
        Map<String, String> parameters = ServerParameters.of(
                new PostgresSettings.Primary(SELF, SynchronousSet.NONE),
                layout(Map.of("wal_keep_size", "1GB", "work_mem", "8MB")),
                ServerConfiguration.NONE);
        assertThat(parameters).containsEntry("wal_keep_size", "1GB").containsEntry("work_mem", "8MB");
        assertThat(ServerParameters.problems(Map.of("wal_level", "minimal", "no name", "1")))
                .hasSize(2);
    }

    @Test
    void theContainersLimitsCountWhereNobodySaysOtherwise() {
        Tuning tuning = new Tuning(2L << 30, 4);
        Map<String, String> parameters =
                ServerParameters.wanted(Map.of("work_mem", "9MB"), layout(Map.of("shared_buffers", "1GB"), tuning));
        assertThat(parameters)
                .containsEntry("shared_buffers", "1GB")
                .containsEntry("work_mem", "9MB")
                .containsEntry("effective_cache_size", "1024MB")
                .containsEntry("max_parallel_workers", "4");
        assertThat(ServerParameters.wanted(Map.of("max_connections", "500"), layout(Map.of(), tuning)))
                .containsEntry("max_connections", "500")
                .containsEntry("work_mem", "1MB");
        assertThat(ServerParameters.wanted(Map.of(), layout(Map.of()))).doesNotContainKey("shared_buffers");
    }

    @Test
    void whatIsWrittenIsReadBackEqual() {
        Map<String, String> odd = Map.of("a", "it's", "b", "back\\slash", "c", "", "d.e", "'\\'");
        assertThat(ParameterFile.parse(ParameterFile.format(odd))).isEqualTo(odd);
    }

    @Test
    void noValueOfAConnectionStringEndsEarly() {
        assertThat(new ConnectionString().with("password", "a 'b' \\c").toString())
                .isEqualTo("password='a \\'b\\' \\\\c'");
    }

    @Test
    void loopbackTakesPgpodsOwnRolesOnlyAndReplicationGoesThroughTheProxy() {
        String rules = HbaRules.text(PeerAccess.Security.VERIFY_CA, List.of());
        assertThat(rules).contains("local replication all scram-sha-256\n");
        assertThat(rules.lines().filter(line -> line.startsWith("host")))
                .allMatch(line -> line.startsWith("host all postgres,pgpod_agent,") && line.endsWith("scram-sha-256"));
        assertThat(rules).doesNotContain("trust");
    }

    @Test
    void onlyAServerThatFollowsWaitsBeforeItReplays() {
        String delay = "recovery_min_apply_delay";
        for (PostgresSettings follows : List.of(
                new PostgresSettings.Standby(SELF, UPSTREAM),
                new PostgresSettings.Fetching(SELF, UPSTREAM, "fetch"),
                new PostgresSettings.Archived(SELF, "fetch"))) {
            assertThat(ServerParameters.of(follows, layout(Map.of()), ServerConfiguration.NONE))
                    .containsEntry(delay, "3600000");
        }
        for (PostgresSettings other : List.of(
                new PostgresSettings.Detached(SELF),
                new PostgresSettings.Recovering(SELF, Map.of()),
                new PostgresSettings.Primary(SELF, SynchronousSet.NONE))) {
            assertThat(ServerParameters.of(other, layout(Map.of()), ServerConfiguration.NONE))
                    .containsEntry(delay, "0");
        }
    }

    @Test
    void aServerThatTakesWalFromTheArchiveAsksNobodyForMore() {
        assertThat(ServerParameters.of(
                        new PostgresSettings.Archived(SELF, "fetch %f"), layout(Map.of()), ServerConfiguration.NONE))
                .containsEntry("restore_command", "fetch %f")
                .containsEntry("primary_conninfo", "")
                .containsEntry("primary_slot_name", "");
    }
}
