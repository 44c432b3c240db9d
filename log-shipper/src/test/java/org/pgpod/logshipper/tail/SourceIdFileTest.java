package org.pgpod.logshipper.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceIdFileTest {
    @TempDir
    Path directory;

    @Test
    void idStaysTheSame() throws IOException {
        String first = SourceIdFile.readOrMake(directory.resolve("logs"));
        assertThat(SourceIdFile.readOrMake(directory.resolve("logs"))).isEqualTo(first);
    }

    @Test
    void thoseWhoMakeItAtOnceAgree() throws Exception {
        Callable<String> make = () -> SourceIdFile.readOrMake(directory);
        Set<String> ids = new HashSet<>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (Future<String> id : threads.invokeAll(List.of(make, make, make, make, make, make, make, make))) {
                ids.add(id.get());
            }
        }
        assertThat(ids).hasSize(1);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void damagedFileIsNamed() throws IOException {
        Files.writeString(directory.resolve("source-id"), "rubbish");
        assertThatThrownBy(() -> SourceIdFile.readOrMake(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("source-id")
                .hasMessageContaining("UUID");
    }
}
