package org.pgpod.core.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path directory;

    @Test
    void theGroupMayReadAndNobodyElse() throws Exception {
        Path file = directory.resolve("token");
        AtomicFile.replace(file, "one", AtomicFile.Durability.SYNCED);
        AtomicFile.replace(file, "two");
        assertThat(file).hasContent("two");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        assertThat(directory.toFile().list()).containsExactly("token");
    }

    @Test
    void aReaderSeesOneWholeContentOrTheOther() throws Exception {
        Path file = directory.resolve("token");
        String one = "1".repeat(100_000);
        String other = "2".repeat(100_000);
        AtomicFile.replace(file, one);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                for (int round = 0; round < 300; round++) {
                    AtomicFile.replace(file, round % 2 == 0 ? other : one);
                }
            } catch (java.io.IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            } finally {
                done.set(true);
            }
        });
        int reads = 0;
        while (!done.get()) {
            assertThat(Files.readString(file)).isIn(one, other);
            reads++;
        }
        writer.join();
        assertThat(reads).isPositive();
    }
}
