package org.pgpod.image;

import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("image")
                .everywhere()
                .environmentOnlyIn("RunCommand", "ExporterCommand")
                .smallFiles();
    }

    @Test
    void theLauncherIsOnTopAndLocalPodsKnowNothingOfBenchmarks() {
        ArchitectureRules.of("image")
                .floors("launcher", "bench", "local", "observation")
                .apart("pod", "local");
    }
}
