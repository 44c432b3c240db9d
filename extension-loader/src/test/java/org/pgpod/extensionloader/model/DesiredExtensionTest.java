package org.pgpod.extensionloader.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DesiredExtensionTest {
    @Test
    void anEntryNamesVersionDatabasesAndSchema() {
        assertThat(DesiredExtension.parse("hll 2.17 databases=app,postgres schema=tools"))
                .isEqualTo(new DesiredExtension("hll", Optional.of("2.17"), List.of("app", "postgres"), "tools"));
        assertThat(DesiredExtension.parse("semver"))
                .isEqualTo(new DesiredExtension("semver", Optional.empty(), List.of("postgres"), "public"));
        assertThat(DesiredExtension.parse("semver databases=").databases()).isEmpty();
    }

    @Test
    void theFileOverridesTheConfigurationByName() {
        assertThat(DesiredExtension.merge(List.of("hll 1", "semver"), "# more\nhll 2 # newer\n\nprefix\n"))
                .extracting(DesiredExtension::toString)
                .containsExactly("hll 2", "semver", "prefix");
    }

    @Test
    void brokenEntriesAreRefused() {
        for (String broken : List.of("x;drop", "x 1 2", "x database=a", "../x")) {
            assertThatThrownBy(() -> DesiredExtension.parse(broken)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
