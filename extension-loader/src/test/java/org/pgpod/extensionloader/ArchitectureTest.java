package org.pgpod.extensionloader;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("extensionloader")
                .everywhere()
                .environmentOnlyIn()
                .pure("model", "resolve")
                .floors("loop", "resolve", "model")
                .floors("loop", "source", "model")
                .floors("loop", "install", "model")
                .floors("loop", "sql", "model")
                .apart("resolve", "source", "install", "sql")
                .smallFiles();
    }

    @Test
    void librariesStayWhereTheyBelong() {
        ArchitectureRules.of("extensionloader")
                .libraryOnlyIn("org.bouncycastle..", "source")
                .libraryOnlyIn("org.apache.commons.compress..", "install")
                .libraryOnlyIn("java.sql..", "sql", "loop")
                .libraryOnlyIn("com.fasterxml.jackson..", "sql", "install");
    }
}
