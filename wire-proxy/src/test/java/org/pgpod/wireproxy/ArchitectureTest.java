package org.pgpod.wireproxy;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("wireproxy")
                .everywhere()
                .environmentOnlyIn()
                .pure("protocol", "auth", "pool", "console")
                .floors("channel", "session", "telemetry", "protocol")
                .floors("traces", "telemetry", "protocol")
                .floors("channel", "lease", "telemetry", "protocol")
                .floors("channel", "auth", "protocol")
                .floors("channel", "pool")
                .floors("channel", "console")
                .apart("session", "lease", "tls", "auth", "pool", "traces", "console")
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
