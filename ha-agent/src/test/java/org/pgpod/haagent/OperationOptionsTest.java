package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.haagent.conf.Tuning;
import org.pgpod.haagent.model.MaintenanceSettings;

/** What the configuration may say of maintenance. */
class OperationOptionsTest {
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
    void limitsThatInjectionHandsOverCountWhereNobodySaysAnything() throws Exception {
        String memory = "containerMemory: 2147483648";
        String cpus = "containerCpus: 3";

        assertThat(read("leasePreset: fast").tuning()).isEqualTo(new Tuning(0, 0));
        assertThat(read(memory, cpus).tuning()).isEqualTo(new Tuning(2L << 30, 3));
        assertThat(read(memory, cpus, "postgresMemory: 1GiB").tuning()).isEqualTo(new Tuning(1L << 30, 3));
        assertThat(read(memory, cpus, "postgresMemory: 0B", "postgresCpus: 0").tuning())
                .isEqualTo(new Tuning(0, 0));
        assertThatThrownBy(() -> read("postgresCpus: many"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "haAgent.postgresCpus is 'many'; it must be a whole number from 0 to 1024, or empty");
    }

    @Test
    void withoutAWindowNothingIsRestartedAndAPreferredMemberNeedNotWait() throws Exception {
        assertThat(read("leasePreset: fast").loop().maintenance()).isEqualTo(MaintenanceSettings.STANDARD);
        assertThatThrownBy(() -> read("pendingRestarts: in-window"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("haAgent.maintenanceWindow is empty; it must be days, a time");
    }

    @Test
    void aWindowIsReadOrRefusedByName() throws Exception {
        MaintenanceSettings read = read(
                        "pendingRestarts: in-window", "maintenanceWindow: Sat,Sun 02:00-04:00 UTC; Wed 23:00-24:00 UTC")
                .loop()
                .maintenance();
        assertThat(read.pendingRestarts()).isEqualTo(MaintenanceSettings.PendingRestarts.IN_WINDOW);
        assertThat(read.window().contains(Instant.parse("2026-11-21T02:30:00Z")))
                .isTrue();
        assertThatThrownBy(() -> read("maintenanceWindow: Sat 2am"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("haAgent.maintenanceWindow is 'Sat 2am'; it must be days, a time");
    }
}
