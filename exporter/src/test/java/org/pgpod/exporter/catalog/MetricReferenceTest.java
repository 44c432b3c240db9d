package org.pgpod.exporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricReferenceTest {
    private static final Path PAGE = Path.of(System.getProperty("pgpod.root", ".."), "docs/reference/metrics.md");

    @Test
    void theReferencePageSaysWhatTheCollectorsDo() throws Exception {
        String rendered = MetricReference.render(Catalog.builtIn());
        if (Boolean.getBoolean("pgpod.docs.write")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, rendered);
        }
        assertThat(PAGE).as("rewrite it with -Dpgpod.docs.write=true").content().isEqualTo(rendered);
    }
}
