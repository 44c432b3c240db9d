package org.pgpod.haagent.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.SynchronousSettings;

class ConfigurationTextTest {
    private static List<String> problems(String text) {
        return ConfigurationText.parse(text).problems();
    }

    @Test
    void patronisFormIsRead() {
        ConfigurationText.Outcome outcome = ConfigurationText.parse("""
                maximum_lag_on_failover: 16MB
                primary_start_timeout: 300
                synchronous_mode: quorum
                postgresql:
                  use_pg_rewind: true
                  parameters:
                    max_connections: 200
                    hot_standby_feedback: true
                    log_min_duration_statement: 250ms
                  pg_hba:
                  - local app app scram-sha-256
                  - host all all 10.0.0.0/8 md5
                  pg_ident:
                  - people /^(.*)@example\\.com$ \\1
                """);
        assertThat(outcome.problems()).isEmpty();
        DynamicConfiguration configuration = outcome.configuration();
        assertThat(configuration.parameters())
                .isEqualTo(Map.of(
                        "max_connections", "200", "hot_standby_feedback", "on", "log_min_duration_statement", "250ms"));
        HaAgentSettings settings =
                configuration.tunables().over(HaAgentSettings.of(LeaseTimings.Preset.FAST.timings()));
        assertThat(settings.maximumLagOnFailover()).isEqualTo(16L << 20);
        assertThat(settings.primaryStartTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.synchronous().mode()).isEqualTo(SynchronousSettings.Mode.QUORUM);
        assertThat(settings.holdTimeout()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void anotherClusterToFollowIsNamedInPatronisForm() {
        ConfigurationText.Outcome outcome = ConfigurationText.parse("""
                standby_cluster:
                  host: db.example
                  port: 6432
                  primary_slot_name: east
                  restore_command: cp /archive/%f %p
                """);

        assertThat(outcome.problems()).isEmpty();
        assertThat(outcome.configuration().remote())
                .contains(new RemotePrimary(
                        "db.example",
                        6432,
                        "pgpod_replication",
                        RemotePrimary.Security.VERIFY_FULL,
                        Optional.of("east"),
                        Optional.of("cp /archive/%f %p")));
    }

    @Test
    void whatIsWrongWithTheOtherClusterIsNamed() {
        ConfigurationText.Outcome outcome = ConfigurationText.parse("""
                standby_cluster: {host: "a,b", port: 70000, sslmode: allow, primary_slot_name: East, slot: x,
                  create_replica_methods: [basebackup]}
                """);

        assertThat(outcome.problems())
                .containsExactlyInAnyOrder(
                        "standby_cluster.host is 'a,b'; it must be the name or the address of one server",
                        "standby_cluster.port is '70000'; it must be a number from 1 to 65535",
                        "standby_cluster.sslmode is 'allow'; it must be disable, require, verify-ca or verify-full",
                        "standby_cluster.primary_slot_name is 'East'; it must be 1 to 63 of a-z, 0-9 and _",
                        "standby_cluster.slot is unknown; allowed are host, port, user, sslmode, primary_slot_name,"
                                + " restore_command",
                        "standby_cluster.create_replica_methods cannot be set here: use haAgent.cloneMethods of each pod");
        assertThat(outcome.configuration().remote()).isEmpty();
    }

    @Test
    void nothingAndJsonAreConfigurationsToo() {
        assertThat(ConfigurationText.parse("").configuration()).isEqualTo(DynamicConfiguration.NONE);
        assertThat(ConfigurationText.parse("# nothing\n").configuration()).isEqualTo(DynamicConfiguration.NONE);
        assertThat(ConfigurationText.parse("{\"hold_timeout\": \"20s\"}")
                        .configuration()
                        .tunables()
                        .holdTimeout())
                .isEqualTo(Optional.of(Duration.ofSeconds(20)));
    }

    @Test
    void everyProblemNamesTheFieldTheValueAndWhatIsAllowed() {
        assertThat(problems("maximum_lag_on_failover: much"))
                .containsExactly("maximum_lag_on_failover is 'much'; it must be a number of bytes, or one with a unit"
                        + " (kB, MB, GB, TB), up to 1 TB");
        assertThat(problems("primary_start_timeout: 1"))
                .containsExactly(
                        "primary_start_timeout is '1'; it must be a number of seconds, or one with a unit (ms, s,"
                                + " min, h, d), from 5s to 86400s");
        assertThat(problems("colour: red")).singleElement().asString().startsWith("'colour' is unknown; allowed are ");
        assertThat(problems("ttl: 30"))
                .containsExactly(
                        "ttl cannot be set here: the Lease's timings are chosen together, by haAgent.leasePreset"
                                + " of each pod");
        assertThat(problems("pause: true")).singleElement().asString().contains("pgpod ctl pause");
        assertThat(problems("postgresql: {parameters: {port: 1, listen_addresses: x}}"))
                .containsExactly(
                        "postgresql.parameters: listen_addresses is managed by ha-agent and cannot be set",
                        "postgresql.parameters: port is managed by ha-agent and cannot be set");
        assertThat(problems("postgresql: {use_slots: false}"))
                .containsExactly("postgresql.use_slots is 'false'; it is always true here");
        assertThat(problems("a: ["))
                .singleElement()
                .asString()
                .startsWith("the configuration is neither YAML nor JSON");
        assertThat(problems("[1]")).singleElement().asString().contains("no mapping");
        assertThat(problems("a: 1\na: 2")).singleElement().asString().contains("Duplicate field 'a'");
    }

    @Test
    void eachLineOfAccessRulesIsChecked() {
        assertThat(HbaLines.problems(List.of(
                        "local all all scram-sha-256",
                        "host \"my db\",other all 10.1.2.3/32 md5",
                        "hostssl all +staff ::1/128 ldap ldapserver=ldap.example.com ldapprefix=\"cn=\"",
                        "host all all 10.0.0.0 255.0.0.0 reject",
                        "host all all .example.com scram-sha-256",
                        "host all all samenet scram-sha-256")))
                .isEmpty();
        for (String wrong : List.of(
                "",
                "lokal all all md5",
                "local all md5",
                "local all all trust",
                "local all all peer map=x",
                "host all all 10.0.0.0/33 md5",
                "host all all 10.0.0.300/8 md5",
                "host all all 10.0.0.0 md5",
                "host all all :::/64 md5",
                "host all all md5",
                "local all all md5 # comment",
                "local all \"all md5",
                "local @dbs all md5",
                "local all, all md5",
                "local all all md5 option",
                "local all all md5\nlocal all all trust",
                "local all all md5\\")) {
            assertThat(HbaLines.problems(List.of(wrong)))
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .startsWith("postgresql.pg_hba line 1 is '" + wrong + "': ");
        }
        assertThat(HbaLines.problems(List.of("local all all trust")))
                .singleElement()
                .asString()
                .contains(
                        "it lets everybody in", "allowed are ldap, md5, pam, password, radius, reject, scram-sha-256");
        assertThat(IdentLines.problems(List.of("a b", "m /( u", "m /^x$ u"))).hasSize(2);
    }

    @Test
    void theOperatorsRulesStandBetweenTheManagedOnes() {
        List<String> lines = HbaRules.text(PeerAccess.Security.VERIFY_CA, List.of("  local app app md5 "))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
        assertThat(lines.getFirst()).startsWith("local all postgres,pgpod_agent,");
        assertThat(lines).containsSubsequence("local app app md5", "local all all scram-sha-256");
        assertThat(lines.getLast()).isEqualTo("local replication all scram-sha-256");
    }
}
