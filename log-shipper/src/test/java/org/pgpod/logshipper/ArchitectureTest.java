package org.pgpod.logshipper;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("logshipper")
                .everywhere()
                .environmentOnlyIn()
                .pure("model", "parse")
                .smallFiles();
    }

    @Test
    void floorsPointDown() {
        ArchitectureRules.of("logshipper")
                .floors("loop", "tail", "parse", "model")
                .floors("loop", "sink", "model")
                .apart("tail", "sink")
                .apart("parse", "sink");
    }

    @Test
    void librariesStayWhereTheyBelong() {
        ArchitectureRules.of("logshipper")
                .libraryOnlyIn("org.postgresql..", "sink")
                .libraryOnlyIn("java.sql..", "sink")
                .libraryOnlyIn("com.fasterxml.jackson..", "parse")
                .libraryOnlyIn("io.micrometer..", "loop");
    }
}
