package org.pgpod.exporter;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("exporter")
                .everywhere()
                .environmentOnlyIn()
                .floors("loop", "collect", "catalog", "model")
                .floors("loop", "expose", "model")
                .floors("loop", "host", "model")
                .floors("loop", "push", "model")
                .apart("collect", "expose", "web", "host", "push")
                .apart("catalog", "expose", "web", "host", "push")
                .smallFiles();
    }

    @Test
    void theModelIsPureAndLibrariesStayWhereTheyBelong() {
        ArchitectureRules.of("exporter")
                .libraryOnlyIn("java.sql..", "collect", "loop")
                .libraryOnlyIn("org.postgresql..", "collect")
                .libraryOnlyIn("com.sun.net.httpserver..", "expose", "web")
                .libraryOnlyIn("com.fasterxml.jackson..", "catalog", "web", "push")
                .libraryOnlyIn("org.bouncycastle..", "web");
    }
}
