package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.haagent.model.BootstrapSettings;

/** What the configuration may say of how a cluster begins, and how its copies are made. */
class BootstrapOptionsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // injected
    private Path directory;

    private HaAgentOptions read(String... lines) throws IOException, ConfigurationException {
        String text = "haAgent:\n  " + String.join("\n  ", lines) + "\n";
        Path file = Files.writeString(directory.resolve("pgpod.yaml"), text);
        Configuration configuration =
                Configuration.read(Optional.of(file), Map.of(), List.of(HaAgentOptions.SCHEMA), Set.of("haAgent"));
        return HaAgentOptions.from(configuration.section(HaAgentOptions.SCHEMA));
    }

    @Test
    void aClusterBeginsWithInitdbAndIsCopiedByBaseBackupUnlessItIsSaidOtherwise() throws Exception {
        HaAgentOptions options = read("leasePreset: fast");
        assertThat(options.loop().bootstrap().method()).isEqualTo(BootstrapSettings.Method.INITDB);
        assertThat(options.loop().bootstrap().mayFound("any")).isTrue();
        assertThat(options.loop().cloning().methods()).containsExactly(List.of());
        assertThat(options.bootstrap().content().isEmpty()).isTrue();
    }

    @Test
    void aRestoreBecomesACommandAndParametersOfARecovery() throws Exception {
        BootstrapSettings settings = read(
                        "bootstrapMethod: restore",
                        "bootstrapRestoreCommand: restore --to={target} 'a b' \"it's\"",
                        "bootstrapWalCommand: fetch %f \"%p\"",
                        "bootstrapRecoveryTarget: time=2026-11-20 14:30:00+00",
                        "bootstrapRecoveryInclusive: false",
                        "bootstrapRecoveryTimeline: 3")
                .loop()
                .bootstrap();
        assertThat(settings.restoreCommand()).containsExactly("restore", "--to={target}", "a b", "it's");
        assertThat(settings.recovery())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "recovery_target_time", "2026-11-20 14:30:00+00",
                        "recovery_target_inclusive", "off",
                        "recovery_target_timeline", "3",
                        "recovery_target_action", "promote",
                        "restore_command", "fetch %f \"%p\""));
    }

    @Test
    void copiesAreMadeByTheMethodsInTheirOrder() throws Exception {
        var cloning = read("cloneMethods:", "- restore {target}", "- basebackup")
                .loop()
                .cloning();
        assertThat(cloning.after(0)).containsExactly("restore", "{target}");
        assertThat(cloning.after(1)).isEmpty();
        assertThat(cloning.after(2)).containsExactly("restore", "{target}");
    }

    @Test
    void whatIsMissingIsToldTogether() {
        assertThatThrownBy(() -> read("bootstrapMethod: adopt"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("haAgent.bootstrapMember must be set");
        assertThatThrownBy(() -> read("bootstrapMethod: restore"))
                .hasMessageContaining("haAgent.bootstrapRestoreCommand must be set")
                .hasMessageContaining("haAgent.bootstrapWalCommand must be set");
    }

    @Test
    void valuesThatMeanNothingAreRefused() {
        for (String line : List.of(
                "bootstrapMethod: copy",
                "bootstrapRecoveryTarget: yesterday",
                "bootstrapRecoveryTarget: time=2026-11-20 14:30:00",
                "bootstrapRecoveryTarget: lsn=12",
                "bootstrapRecoveryTarget: xid=x",
                "bootstrapRecoveryTimeline: next",
                "bootstrapRestoreCommand: say 'it",
                "cloneMethods: [\"\"]",
                "bootstrapSql: [app=relative.sql]",
                "bootstrapRoles: [postgres]",
                "bootstrapDatabases: [a owner]")) {
            assertThatThrownBy(() -> read(line))
                    .as(line)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(line.substring(0, line.indexOf(':')));
        }
    }

    @Test
    void aMemberThatIsNotToStreamNeedsACommandThatFetchesWal() throws Exception {
        assertThatThrownBy(() -> read("tags: [nostream=true]"))
                .hasMessageContaining("haAgent.tags: nostream is 'true'; it needs haAgent.cloneWalCommand");
        assertThat(read("tags: [nostream=true]", "cloneWalCommand: cp /archive/%f %p")
                        .tags()
                        .excludesStreaming())
                .isTrue();
    }
}
