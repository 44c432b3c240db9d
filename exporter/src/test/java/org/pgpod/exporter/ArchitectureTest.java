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
                .apart("collect", "expose", "web", "host")
                .apart("catalog", "expose", "web", "host")
                .smallFiles();
    }

    @Test
    void theModelIsPureAndLibrariesStayWhereTheyBelong() {
        ArchitectureRules.of("exporter")
                .libraryOnlyIn("java.sql..", "collect", "loop")
                .libraryOnlyIn("org.postgresql..", "collect")
                .libraryOnlyIn("com.sun.net.httpserver..", "expose", "web")
                .libraryOnlyIn("com.fasterxml.jackson..", "catalog", "web")
                .libraryOnlyIn("org.bouncycastle..", "web");
    }
}
