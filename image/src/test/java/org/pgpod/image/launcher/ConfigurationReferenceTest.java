package org.pgpod.image.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    @Test
    void thePageSaysWhatTheCodeDeclares() throws Exception {
        Path page = Path.of(System.getProperty("pgpod.root"), "docs/reference/configuration.md");
        String expected = ConfigurationReferenceCommand.markdown(Sidecars.schemas());
        if (Boolean.getBoolean("pgpod.docs.write")) {
            Files.writeString(page, expected);
        }
        assertThat(page)
                .as(
                        "run the tests with -Dpgpod.docs.write=true, or: ./pgpod configuration > docs/reference/configuration.md")
                .hasContent(expected);
    }
}
