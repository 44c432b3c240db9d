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
                .floors("search", "sink", "model")
                .floors("loop", "forward", "sink", "model")
                .floors("loop", "know", "model")
                .apart("sink", "parse", "know")
                .apart("sink", "tail")
                .apart("tail", "know")
                .apart("search", "forward", "parse", "know")
                .apart("search", "tail")
                .apart("search", "loop")
                .apart("forward", "tail");
    }

    @Test
    void librariesStayWhereTheyBelong() {
        ArchitectureRules.of("logshipper")
                .libraryOnlyIn("org.postgresql..", "sink")
                .libraryOnlyIn("java.sql..", "sink", "search")
                .libraryOnlyIn("com.fasterxml.jackson..", "parse", "know", "search", "forward")
                .libraryOnlyIn("java.net.http..", "forward")
                .libraryOnlyIn("io.micrometer..", "loop");
    }
}
