package org.pgpod.logshipper.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.LinePrefix;
import org.pgpod.logshipper.parse.LogTime;

/** Real files, real renames; records are lines of text, cut at 100 bytes. */
class TailsTest {
    private static final int LIMIT = 100;

    @TempDir
    Path directory;

    private final List<String> records = new ArrayList<>();
    private final Map<Integer, FileTail> touched = new LinkedHashMap<>();
    private final Map<Integer, FileState> stored = new LinkedHashMap<>();
    private int room = Integer.MAX_VALUE;
    private Path file;
    private Tails tails;
    private long now;
    private final Formats formats = new Formats(new LogTime(ZoneOffset.UTC), new LinePrefix(LinePrefix.STANDARD));

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(directory.resolve("sidecars"));
        file = directory.resolve("sidecars/a.jsonl");
        restart();
    }

    /** A new process: nothing remains but what was stored. */
    private void restart() {
        tails = new Tails(
                new LogDirectories(directory.resolve("postgres"), directory.resolve("sidecars")),
                new RecordReader(formats::framer, LIMIT),
                List.copyOf(stored.values()));
        touched.clear();
    }

    private RecordHandler.Taken take(FileTail tail, RawRecord raw, RecordHandler.Ending ending) {
        if (room == 0) {
            return RecordHandler.Taken.FULL;
        }
        room--;
        touched.put(tail.number(), tail);
        String text = new String(raw.bytes(), raw.from(), raw.to() - raw.from(), StandardCharsets.UTF_8);
        // A parser may use the slack.
        Arrays.fill(raw.bytes(), raw.to(), raw.to() + (raw.truncated() ? RawRecord.SLACK_BYTES : 0), (byte) '!');
        records.add(text
                + (raw.truncated() ? "…" + raw.length() : "")
                + (ending == RecordHandler.Ending.END_OF_DELETED_FILE ? "¶" : ""));
        return RecordHandler.Taken.TAKEN;
    }

    private void readAll() throws IOException {
        tails.scan();
        while (tails.read(this::take, now) == Tails.Pass.MORE) {
            assertThat(records.size()).isLessThan(1_000_000);
        }
    }

    private void store() {
        for (FileTail tail : touched.values()) {
            Optional<Advance> advance = tail.seal();
            advance.ifPresent(step -> stored.put(step.state().number(), step.state()));
        }
        touched.clear();
    }

    private void append(Path path, String text) throws IOException {
        Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void everyRecordComesOnceWhateverTheChunks() throws IOException {
        // A record cut while the head was not complete broke the head's digest.
        everyRecordComesOnce(6_752_798_466_136L);
        for (int round = 0; round < 5; round++) {
            everyRecordComesOnce(System.nanoTime());
        }
    }

    private void everyRecordComesOnce(long seed) throws IOException {
        Files.deleteIfExists(file);
        records.clear();
        stored.clear();
        restart();
        Random random = new Random(seed);
        StringBuilder whole = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String line = i + " é漢😀".repeat(random.nextInt(30)) + "x".repeat(random.nextInt(40));
            whole.append(line).append('\n');
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            expected.add(
                    bytes.length <= LIMIT
                            ? line
                            : new String(bytes, 0, LIMIT, StandardCharsets.UTF_8) + "…" + bytes.length);
        }
        byte[] bytes = whole.toString().getBytes(StandardCharsets.UTF_8);
        int at = 0;
        while (at < bytes.length) {
            int chunk = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 10 : 2_000));
            Files.write(
                    file,
                    Arrays.copyOfRange(bytes, at, at + chunk),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            at += chunk;
            room = random.nextInt(20);
            readAll();
            if (random.nextInt(5) == 0) {
                store();
                restart();
            }
        }
        room = Integer.MAX_VALUE;
        readAll();
        assertThat(records).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void tornLineWaitsForItsEnd() throws IOException {
        append(file, "one\ntw");
        readAll();
        assertThat(records).containsExactly("one");
        append(file, "o\n");
        readAll();
        assertThat(records).containsExactly("one", "two");
    }

    @Test
    void renamedFilesGoOnWhereTheyWere() throws IOException {
        append(file, "1\n2\n");
        readAll();
        append(file, "3\n");
        Path first = file.resolveSibling("a.jsonl.1");
        Files.move(file, first);
        append(file, "4\n");
        readAll();
        Files.move(first, file.resolveSibling("a.jsonl.2"));
        Files.move(file, first);
        append(first, "5\n");
        append(file, "6\n");
        readAll();
        assertThat(records).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6");
    }

    @Test
    void filesRenamedWhileNobodyLookedGoOnWhereTheyWere() throws IOException {
        append(file, "1\n2\n");
        readAll();
        store();
        append(file, "3\n");
        Files.move(file, file.resolveSibling("a.jsonl.1"));
        append(file, "4\n");
        restart();
        readAll();
        assertThat(records).containsExactlyInAnyOrder("1", "2", "3", "4");
    }

    @Test
    void truncatedFileStartsAnew() throws IOException {
        append(file, "1\n2\n");
        readAll();
        Files.writeString(file, "3\n");
        readAll();
        assertThat(records).containsExactly("1", "2", "3");
        assertThat(tails.rewritten()).isEqualTo(1);
    }

    @Test
    void fileRewrittenToMoreThanItHadIsNotTakenForTheSame() throws IOException {
        append(file, "1\n2\n");
        readAll();
        Files.writeString(file, "3\n4\n5\n6\n");
        readAll();
        assertThat(records).containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void fileRewrittenToWhatItHadInSizeIsNoticed() throws IOException {
        append(file, "1\n2\n");
        readAll();
        Files.writeString(file, "3\n4\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        readAll();
        assertThat(records).containsExactly("1", "2", "3", "4");
    }

    @Test
    void inodeOfADeletedFileMeansNothing() throws IOException {
        append(file, "1\n2\n");
        readAll();
        store();
        tails.close();
        // Written anew through the same inode, as if the file system had reused it while nobody looked.
        Path other = file.resolveSibling("b.jsonl");
        Files.move(file, other);
        Files.writeString(other, "3\n4\n5\n");
        restart();
        readAll();
        assertThat(records).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void copiedBackFileGoesOnByNameAndContent() throws IOException {
        append(file, "1\n2\n");
        readAll();
        store();
        Path copy = directory.resolve("copy");
        Files.copy(file, copy);
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
        append(file, "3\n");
        restart();
        readAll();
        assertThat(records).containsExactly("1", "2", "3");
    }

    @Test
    void deletedFileIsReadToItsEnd() throws IOException {
        append(file, "1\n");
        tails.scan();
        append(file, "2\nrest");
        Files.delete(file);
        for (int i = 0; i < 5; i++) {
            readAll();
        }
        assertThat(records).containsExactly("1", "2", "rest¶");
        assertThat(tails.numbers()).isEmpty();
    }

    @Test
    void fileThatOneLookMissedIsTheSame() throws IOException {
        append(file, "1\n2\n");
        readAll();
        Path away = directory.resolve("away");
        Files.move(file, away);
        for (int i = 0; i < 5; i++) {
            readAll();
        }
        Files.move(away, file);
        append(file, "3\n");
        readAll();
        assertThat(records).containsExactly("1", "2", "3");
    }

    @Test
    void otherFilesAreLeftAlone() throws IOException {
        append(file.resolveSibling("notes.txt"), "no\n");
        Files.createSymbolicLink(file.resolveSibling("link.jsonl"), file.resolveSibling("notes.txt"));
        Files.createDirectory(file.resolveSibling("directory.jsonl"));
        readAll();
        assertThat(records).isEmpty();
    }

    @Test
    void recordLongerThanAnyBufferIsCut() throws IOException {
        append(file, "before\n");
        readAll();
        append(file, "y".repeat(1_000_000));
        readAll();
        assertThat(records).containsExactly("before");
        append(file, "y".repeat(500_000) + "\nafter\n");
        room = 0;
        readAll();
        room = Integer.MAX_VALUE;
        readAll();
        assertThat(records).containsExactly("before", "y".repeat(LIMIT) + "…1500000", "after");
        append(file, "more\n");
        store();
        restart();
        readAll();
        assertThat(records).endsWith("after", "more");
    }

    @Test
    void recordOfCsvlogLongerThanAnyBufferIsCutWithItsLines() throws IOException {
        Path csv = postgresFile("a.csv");
        String head = "2026-11-05 10:21:00.001 UTC,,,9,,66f.2,1,,2026-11-05 10:21:00 UTC,,0,LOG,00000,\"";
        String tail = "\",,,,,,,,,\"\",\"postmaster\",,0";
        String line = "two \"\"quoted\"\" lines,\n";
        append(csv, head + line.repeat(60_000));
        readAll();
        assertThat(records).isEmpty();
        append(csv, tail + "\n" + head + "short" + tail + "\n");
        readAll();
        int length = head.length() + 60_000 * line.length() + tail.length();
        assertThat(records)
                .containsExactly(
                        (head + line.repeat(60_000)).substring(0, LIMIT) + "…" + length,
                        (head + "short" + tail).substring(0, LIMIT) + "…" + (head + "short" + tail).length());
    }

    @Test
    void lastRecordOfStandardErrorComesWhenTheFileRests() throws IOException {
        Path log = postgresFile("a.log");
        append(log, "2026-11-05 10:20:36.123 UTC [77] LOG:  one\n\ttwo\n");
        readAll();
        assertThat(records).isEmpty();
        append(log, "\tthree\n");
        now += 2_000_000_000L;
        readAll();
        assertThat(records).as("it has just grown").isEmpty();
        now += 1_000_000_000L;
        readAll();
        assertThat(records).containsExactly("2026-11-05 10:20:36.123 UTC [77] LOG:  one\n\ttwo\n\tthree");
    }

    @Test
    void lastRecordOfStandardErrorComesBeforeThoseOfTheNextFile() throws IOException {
        append(postgresFile("a.log"), "2026-11-05 10:20:36.123 UTC [77] LOG:  one\n");
        Files.setLastModifiedTime(postgresFile("a.log"), FileTime.fromMillis(1_000));
        append(
                postgresFile("b.log"),
                "2026-11-05 10:20:36.123 UTC [77] LOG:  two\n2026-11-05 10:20:36.123 UTC [77] LOG:  three\n");
        readAll();
        assertThat(records)
                .containsExactly(
                        "2026-11-05 10:20:36.123 UTC [77] LOG:  one", "2026-11-05 10:20:36.123 UTC [77] LOG:  two");
    }

    @Test
    void deletedFileGivesItsLastRecordOfStandardError() throws IOException {
        Path log = postgresFile("a.log");
        append(log, "2026-11-05 10:20:36.123 UTC [77] LOG:  one\n\ttwo\n");
        readAll();
        Files.delete(log);
        for (int i = 0; i < 5; i++) {
            readAll();
        }
        assertThat(records).containsExactly("2026-11-05 10:20:36.123 UTC [77] LOG:  one\n\ttwo");
    }

    private Path postgresFile(String name) throws IOException {
        return Files.createDirectories(directory.resolve("postgres")).resolve(name);
    }

    @Test
    @Tag("long")
    void hundredThousandFilesAreReadOnceAndSoon() throws IOException {
        int all = 100_000;
        for (int i = 0; i < all; i++) {
            Files.writeString(file.resolveSibling(i + ".jsonl"), i % 100 == 0 ? i + "\n" : "");
        }
        long began = System.nanoTime();
        readAll();
        store();
        restart();
        readAll();
        append(file.resolveSibling("7.jsonl"), "more\n");
        readAll();
        assertThat(records).hasSize(all / 100 + 1).doesNotHaveDuplicates().endsWith("more");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(2));
    }
}
