package org.pgpod.logshipper.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.tail.ShippedFiles.Outcome;

/** Files of 1,000 bytes each, one a minute. */
class ShippedFilesTest extends TailedFiles {
    private static final int FILE_BYTES = 1_000;
    private static final long NOW = 100_000_000L;

    private Path write(String name, int minute) throws IOException {
        Path path = postgresFile(name);
        append(path, (name + " ").repeat(FILE_BYTES).substring(0, FILE_BYTES - 1) + "\n");
        return at(path, minute);
    }

    private static Path at(Path path, int minute) throws IOException {
        return Files.setLastModifiedTime(
                path, FileTime.fromMillis(NOW - Duration.ofHours(1).toMillis() + minute * 60_000L));
    }

    private Outcome deleteDown(long bytesMax, List<Collection<FileState>> sinks) throws IOException {
        return new ShippedFiles(
                        new LogDirectories(directory.resolve("postgres"), directory.resolve("sidecars")), bytesMax)
                .deleteDown(sinks, NOW);
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("postgres"))) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private void writeFour() throws IOException {
        write("d.json", 0);
        write("c.json", 1);
        write("b.json", 2);
        write("a.json", 3);
    }

    @Test
    void oldestThatAreStoredAreDeletedUntilTheRestIsWithinTheBound() throws IOException {
        writeFour();
        readAll();
        store();
        assertThat(deleteDown(2_500, List.of(stored.values()))).isEqualTo(new Outcome(2_000, 2, 2_000));
        assertThat(left()).containsExactly("a.json", "b.json");
    }

    @Test
    void nothingIsDeletedThatAnySinkLacks() throws IOException {
        writeFour();
        readAll();
        store();
        assertThat(deleteDown(0, List.of(stored.values(), List.of()))).isEqualTo(new Outcome(4_000, 0, 0));
        assertThat(deleteDown(0, List.of())).isEqualTo(new Outcome(4_000, 0, 0));
        append(postgresFile("d.json"), "one more\n");
        at(postgresFile("d.json"), 0);
        deleteDown(0, List.of(stored.values()));
        assertThat(left()).as("the last one, and one that has more").containsExactly("a.json", "d.json");
    }

    @Test
    void fileThatMayStillBeWrittenIsNotDeleted() throws IOException {
        writeFour();
        readAll();
        store();
        Files.setLastModifiedTime(postgresFile("a.json"), FileTime.fromMillis(NOW - 1));
        Files.setLastModifiedTime(postgresFile("b.json"), FileTime.fromMillis(NOW - 2));
        deleteDown(0, List.of(stored.values()));
        assertThat(left()).containsExactly("a.json", "b.json");
    }

    @Test
    void otherContentOfTheSameSizeAndInodeIsNotDeleted() throws IOException {
        writeFour();
        readAll();
        store();
        Files.writeString(postgresFile("d.json"), "y".repeat(FILE_BYTES - 1) + "\n");
        at(postgresFile("d.json"), 0);
        deleteDown(3_000, List.of(stored.values()));
        assertThat(left()).containsExactly("a.json", "b.json", "d.json");
    }

    @Test
    void weeklyNameIsOvertakenAWeekAfterItWasBegun() throws IOException {
        Duration week = Duration.ofDays(7);
        writeFour();
        tails.scan();
        long first = NOW - Duration.ofHours(1).toMillis();
        assertThat(tails.overwriteMillis(week))
                .as("as long as the next one")
                .hasValue(first - 60_000 + week.toMillis());
        room = 1;
        readAll();
        assertThat(tails.overwriteMillis(week))
                .as("begun when the first was left")
                .hasValue(first + week.toMillis());
        room = 100;
        readAll();
        assertThat(tails.overwriteMillis(week)).isEmpty();
    }
}
