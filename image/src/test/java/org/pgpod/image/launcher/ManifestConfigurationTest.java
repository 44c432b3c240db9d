package org.pgpod.image.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.SectionSchema;

class ManifestConfigurationTest {
    /** What the pod template sets through the downward API. */
    private static final Map<String, String> DOWNWARD = Map.of(
            "PGPOD_POD_NAME", "db-0",
            "PGPOD_POD_UID", "uid",
            "PGPOD_POD_NAMESPACE", "default",
            "PGPOD_POD_CLUSTER", "db",
            "PGPOD_POD_ADDRESS", "10.0.0.1");

    @TempDir
    private Path directory;

    @Test
    void theConfigMapOfTheBaseIsUnderstoodByEverySidecar() throws Exception {
        Path manifest = Path.of(System.getProperty("pgpod.root"), "image/manifests/configuration.yaml");
        String yaml = new YAMLMapper()
                .readTree(manifest.toFile())
                .path("data")
                .path("pgpod.yaml")
                .asText();
        assertThat(yaml).contains("logShipper");
        Path file = Files.writeString(directory.resolve("pgpod.yaml"), yaml);
        Set<String> used = new HashSet<>();
        for (SectionSchema schema : Sidecars.schemas()) {
            used.add(schema.name());
        }
        Configuration read = Configuration.read(Optional.of(file), DOWNWARD, Sidecars.schemas(), used);
        for (SectionSchema schema : Sidecars.schemas()) {
            assertThat(read.section(schema)).isNotNull();
        }
    }
}
