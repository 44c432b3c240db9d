package org.pgpod.wireproxy;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("wireproxy")
                .everywhere()
                .environmentOnlyIn()
                .pure("protocol")
                .floors("channel", "session", "telemetry", "protocol")
                .floors("traces", "telemetry", "protocol")
                .floors("channel", "lease", "telemetry", "protocol")
                .apart("session", "lease", "tls", "traces")
                .smallFiles();
    }

    @Test
    void socketsAndMetersStayWhereTheyBelong() {
        ArchitectureRules.of("wireproxy")
                .libraryOnlyIn("io.opentelemetry..", "traces")
                .libraryOnlyIn("io.netty.channel..", "channel")
                .libraryOnlyIn("io.netty.handler..", "channel", "tls");
    }
}
