package org.pgpod.image.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir
    private Path directory;

    @Test
    void whatStillRunsIsEndedWithItsChildren() throws Exception {
        Leftovers leftovers = new Leftovers(directory.resolve("processes"));
        Process parent = new ProcessBuilder("sh", "-c", "sleep 600 & wait").start();
        leftovers.remember(parent.toHandle());
        while (parent.descendants().findAny().isEmpty()) {
            Thread.onSpinWait();
        }
        ProcessHandle child = parent.descendants().findAny().orElseThrow();
        assertThat(leftovers.end()).isEqualTo(2);
        assertThat(parent.isAlive()).isFalse();
        assertThat(child.isAlive()).isFalse();
        assertThat(leftovers.end()).isZero();
    }

    @Test
    void anotherProcessWithTheSamePidIsLeftAlone() throws Exception {
        Path file = directory.resolve("processes");
        Process stranger = new ProcessBuilder("sleep", "600").start();
        try {
            Files.writeString(file, stranger.pid() + " 12345\n", StandardOpenOption.CREATE);
            assertThat(new Leftovers(file).end()).isZero();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }
}
