package org.pgpod.logshipper;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("logshipper")
                .everywhere()
                .environmentOnlyIn()
                .pure("model", "parse", "know")
                .smallFiles();
    }

    @Test
    void floorsPointDown() {
        ArchitectureRules.of("logshipper")
                .floors("loop", "tail", "parse", "model")
                .floors("loop", "sink", "model")
                .floors("loop", "know", "model")
                .apart("tail", "sink")
                .apart("parse", "sink")
                .apart("know", "parse")
                .apart("know", "tail")
                .apart("know", "sink");
    }

    @Test
    void librariesStayWhereTheyBelong() {
        ArchitectureRules.of("logshipper")
                .libraryOnlyIn("org.postgresql..", "sink")
                .libraryOnlyIn("java.sql..", "sink")
                .libraryOnlyIn("com.fasterxml.jackson..", "parse", "know")
                .libraryOnlyIn("io.micrometer..", "loop");
    }
}
