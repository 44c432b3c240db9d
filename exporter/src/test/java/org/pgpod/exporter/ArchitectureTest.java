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
                .apart("collect", "expose")
                .apart("catalog", "expose")
                .apart("host", "collect")
                .apart("host", "catalog")
                .apart("host", "expose")
                .smallFiles();
    }

    @Test
    void theModelIsPureAndLibrariesStayWhereTheyBelong() {
        ArchitectureRules.of("exporter")
                .libraryOnlyIn("java.sql..", "collect", "loop")
                .libraryOnlyIn("org.postgresql..", "collect")
                .libraryOnlyIn("com.sun.net.httpserver..", "expose")
                .libraryOnlyIn("com.fasterxml.jackson..", "catalog");
    }
}
