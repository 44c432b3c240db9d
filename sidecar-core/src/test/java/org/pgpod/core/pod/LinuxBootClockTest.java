package org.pgpod.core.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LinuxBootClockTest {
    @Test
    void readingsLieBetweenTwoReadingsOfUptime() throws Exception {
        LinuxBootClock clock = LinuxBootClock.open();
        for (int round = 0; round < 100; round++) {
            long before = uptimeMillis();
            long reading = clock.nowMillis();
            // /proc/uptime shows hundredths of a second, rounded down.
            assertThat(reading).isBetween(before, uptimeMillis() + 10);
        }
        assertThat(clock.bootId())
                .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip());
    }

    private static long uptimeMillis() throws Exception {
        String text = Files.readString(Path.of("/proc/uptime"));
        return Math.round(Double.parseDouble(text.substring(0, text.indexOf(' '))) * 1_000);
    }
}
