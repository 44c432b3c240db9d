package org.pgpod.core;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("core")
                .everywhere()
                .environmentOnlyIn()
                .pure("postgres")
                .smallFiles();
    }

    @Test
    void jsonAndHttpStayWhereTheyBelong() {
        ArchitectureRules.of("core")
                .libraryOnlyIn("com.sun.net.httpserver..", "admin")
                .libraryOnlyIn("com.fasterxml.jackson..", "config", "telemetry")
                .libraryOnlyIn("ch.qos.logback..", "telemetry");
    }
}
