package org.pgpod.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    private enum Preset {
        FAST,
        VERY_WIDE
    }

    private static final Option<String> NAME = Options.text("name", "A name.");
    private static final Option<Duration> DELAY = Options.duration(
                    "maxDelay", Duration.ofMillis(10), Duration.ofHours(1), "A delay.")
            .withDefault("5s");
    private static final Option<Long> LIMIT =
            Options.bytes("limit", 1, 1L << 40, "A limit.").withDefault("1MiB");
    private static final Option<Preset> PRESET =
            Options.choice("preset", Preset.class, "A preset.").withDefault("fast");
    private static final Option<List<String>> ITEMS = Options.list("items", "Items.");
    private static final SectionSchema SECTION =
            new SectionSchema("haAgent", "A section.", List.of(NAME, DELAY, LIMIT, PRESET, ITEMS));
    private static final SectionSchema OTHER = new SectionSchema("other", "Another.", List.of(NAME));

    @TempDir
    private Path directory;

    private Values read(String yaml, Map<String, String> environment) throws Exception {
        Path file = directory.resolve("pgpod.yaml");
        Files.writeString(file, yaml);
        return Configuration.read(Optional.of(file), environment, List.of(SECTION, OTHER), Set.of("haAgent"))
                .section(SECTION);
    }

    private List<String> problems(String yaml, Map<String, String> environment) {
        var refusal = assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> read(yaml, environment))
                .actual();
        return refusal.problems();
    }

    @Test
    void fileOverridesDefaultAndEnvironmentOverridesFile() throws Exception {
        Values values = read(
                "haAgent: {name: a, maxDelay: 250ms, items: [x, 'y']}",
                Map.of("PGPOD_HA_AGENT_NAME", "b", "PGPOD_HA_AGENT_PRESET", "very-wide", "PATH", "/bin"));
        assertThat(values.get(NAME)).isEqualTo("b");
        assertThat(values.get(DELAY)).isEqualTo(Duration.ofMillis(250));
        assertThat(values.get(LIMIT)).isEqualTo(1_048_576);
        assertThat(values.get(PRESET)).isEqualTo(Preset.VERY_WIDE);
        assertThat(values.get(ITEMS)).containsExactly("x", "y");
    }

    @Test
    void allProblemsAreReportedTogetherWithFileKeyValueAndWhatIsAllowed() {
        List<String> problems = problems(
                "haAgent: {maxDelay: fast, limt: 3, preset: slow}\nother: {name: ''}\nextra: {}",
                Map.of("PGPOD_HA_AGENT_LIMIT", "0", "PGPOD_HA_AGENT_NAMES", "x"));
        assertThat(problems).hasSize(8);
        assertThat(problems)
                .anyMatch(p -> p.contains("section 'extra' is unknown; sections are haAgent, other"))
                .anyMatch(p -> p.contains("haAgent.limt is unknown; options of haAgent are name, maxDelay, limit"))
                .anyMatch(
                        p -> p.contains("pgpod.yaml: haAgent.maxDelay is 'fast'; it must be a duration with its unit"))
                .anyMatch(p -> p.contains("haAgent.preset is 'slow'; it must be one of fast, very-wide"))
                .anyMatch(p -> p.contains("variable PGPOD_HA_AGENT_LIMIT is '0'; it must be a size"))
                .anyMatch(p -> p.contains("haAgent.name must be set (or PGPOD_HA_AGENT_NAME)"))
                .anyMatch(p -> p.contains("PGPOD_HA_AGENT_NAMES is unknown"))
                .anyMatch(p -> p.contains("other.name is ''"));
    }

    @Test
    void aSectionThatIsNotUsedMayLeaveOptionsUnset() throws Exception {
        assertThat(read("haAgent: {name: a}\nother: {}", Map.of()).get(NAME)).isEqualTo("a");
    }

    @Test
    void whatIsNotYamlIsReportedWithItsLine() {
        assertThat(problems("haAgent:\n  name: [", Map.of())).anyMatch(p -> p.contains("not readable as YAML"));
        assertThat(problems("haAgent: {name: a, name: b}", Map.of())).anyMatch(p -> p.contains("Duplicate"));
        assertThat(problems("[1, 2]", Map.of())).anyMatch(p -> p.contains("must be a map of sections"));
        assertThat(problems("haAgent: 5", Map.of())).anyMatch(p -> p.contains("haAgent must be a map of options"));
    }

    @Test
    void aMissingFileIsReported() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> Configuration.read(
                        Optional.of(directory.resolve("none.yaml")), Map.of(), List.of(OTHER), Set.of("other")))
                .withMessageContaining("none.yaml: cannot be read");
    }
}
