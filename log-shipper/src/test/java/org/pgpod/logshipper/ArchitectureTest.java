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
                .floors("search", "sink", "model")
                .apart("tail", "sink")
                .apart("parse", "sink")
                .apart("search", "loop")
                .apart("search", "tail")
                .apart("search", "parse");
    }

    @Test
    void librariesStayWhereTheyBelong() {
        ArchitectureRules.of("logshipper")
                .libraryOnlyIn("org.postgresql..", "sink")
                .libraryOnlyIn("java.sql..", "sink", "search")
                .libraryOnlyIn("com.fasterxml.jackson..", "parse", "search")
                .libraryOnlyIn("io.micrometer..", "loop");
    }
}
