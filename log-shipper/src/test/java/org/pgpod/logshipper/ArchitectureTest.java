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
                .floors("loop", "forward", "sink", "model")
                .apart("tail", "sink")
                .apart("parse", "sink")
                .apart("search", "loop")
                .apart("search", "tail")
                .apart("search", "parse")
                .apart("search", "forward")
                .apart("forward", "tail")
                .apart("forward", "parse");
    }

    @Test
    void librariesStayWhereTheyBelong() {
        ArchitectureRules.of("logshipper")
                .libraryOnlyIn("org.postgresql..", "sink")
                .libraryOnlyIn("java.sql..", "sink", "search")
                .libraryOnlyIn("com.fasterxml.jackson..", "parse", "search", "forward")
                .libraryOnlyIn("java.net.http..", "forward")
                .libraryOnlyIn("io.micrometer..", "loop");
    }
}
