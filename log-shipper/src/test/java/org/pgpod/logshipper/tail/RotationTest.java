package org.pgpod.logshipper.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What programs other than Postgres do to log files: copy and truncate, compress, unpack, give inodes to other files. */
class RotationTest extends TailedFiles {
    private static final int LOOKS_UNTIL_DELETED = 5;

    private static List<String> lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"timestamp\":\"" + i + "\",\"message\":\"é漢 " + i + "\"}")
                .toList();
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** As gzip does it: the new file first, with the time of the old one, which is deleted then. */
    private static Path compress(Path file) throws IOException {
        Path compressed = file.resolveSibling(file.getFileName() + ".gz");
        Files.write(compressed, gzip(Files.readString(file)));
        Files.setLastModifiedTime(compressed, Files.getLastModifiedTime(file));
        Files.delete(file);
        return compressed;
    }

    private void lookUntilDeleted() throws IOException {
        for (int i = 0; i < LOOKS_UNTIL_DELETED; i++) {
            readAll();
        }
    }

    @Test
    void compressedBacklogIsReadOnceInItsOrder() throws IOException {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Path json = postgresFile("postgresql-" + (3 - i) + ".json");
            List<String> some = lines(i * 20_000, (i + 1) * 20_000);
            append(json, text(some));
            expected.addAll(some);
            Files.setLastModifiedTime(json, FileTime.fromMillis(1_000L * i));
            compress(json);
        }
        append(postgresFile("postgresql-9.json"), text(lines(60_000, 60_010)));
        expected.addAll(lines(60_000, 60_010));
        readAll();
        assertThat(records).isEqualTo(expected);
        assertThat(tails.unreadBytes()).isZero();
        store();
        assertThat(stored.values()).extracting(state -> state.position()).contains((long)
                text(lines(0, 20_000)).getBytes(StandardCharsets.UTF_8).length);
        restart();
        readAll();
        assertThat(records).as("after a restart").hasSameSizeAs(expected);
    }

    @Test
    void compressedBacklogGoesOnWhereAKilledProcessStoredIt() throws IOException {
        List<String> all = lines(0, 30_000);
        append(postgresFile("a.json"), text(all));
        compress(postgresFile("a.json"));
        Random random = new Random(7);
        while (records.size() < all.size()) {
            room = 1 + random.nextInt(4_000);
            readAll();
            store();
            restart();
        }
        room = Integer.MAX_VALUE;
        readAll();
        assertThat(records).isEqualTo(all);
    }

    @Test
    void csvlogAndStandardErrorAreUnpackedToo() throws IOException {
        String csv =
                "2026-11-05 10:21:00.001 UTC,,,9,,66f.2,1,,2026-11-05 10:21:00 UTC,,0,LOG,00000,\"two\nlines\",,,,,,,,,"
                        + "\"\",\"postmaster\",,0";
        append(postgresFile("a.csv"), csv + "\n" + csv + "\n");
        compress(postgresFile("a.csv"));
        String line = "2026-11-05 10:20:36.123 UTC [77] LOG:  one\n\ttwo";
        append(postgresFile("b.log"), line + "\n" + line + "\n");
        compress(postgresFile("b.log"));
        readAll();
        now += 2_000_000_000L;
        readAll();
        String cut = csv.substring(0, LIMIT) + "…" + csv.length();
        assertThat(records).containsExactlyInAnyOrder(cut, cut, line, line);
    }

    @Test
    void fileThatIsCompressedAfterItWasReadIsNotReadAgain() throws IOException {
        Path json = postgresFile("a.json");
        append(json, text(lines(0, 100)));
        readAll();
        append(json, text(lines(100, 200)));
        Path compressed = compress(json);
        lookUntilDeleted();
        assertThat(records).isEqualTo(lines(0, 200));
        store();
        restart();
        Files.move(compressed, postgresFile("other-name.json.gz"));
        readAll();
        assertThat(records).as("under another name, after a restart").isEqualTo(lines(0, 200));
    }

    @Test
    void fileCompressedWhileNobodyLookedIsReadFromWhereItWas() throws IOException {
        Path json = postgresFile("a.json");
        append(json, text(lines(0, 100)));
        readAll();
        store();
        append(json, text(lines(100, 200)));
        compress(json);
        restart();
        readAll();
        assertThat(records).isEqualTo(lines(0, 200));
    }

    @Test
    void compressedFormBesideItsOriginalIsLeftAlone() throws IOException {
        Path json = postgresFile("a.json");
        append(json, text(lines(0, 100)));
        Files.write(postgresFile("a.json.gz"), gzip(text(lines(0, 100))));
        Files.setLastModifiedTime(postgresFile("a.json.gz"), FileTime.fromMillis(1));
        readAll();
        append(json, text(lines(100, 110)));
        readAll();
        store();
        restart();
        readAll();
        assertThat(records).isEqualTo(lines(0, 110));
    }

    @Test
    void unpackedFileGoesOnWhereItsCompressedFormWas() throws IOException {
        append(postgresFile("a.json"), text(lines(0, 1_000)));
        Path compressed = compress(postgresFile("a.json"));
        room = 300;
        readAll();
        Files.writeString(postgresFile("a.json"), text(lines(0, 1_000)));
        room = Integer.MAX_VALUE;
        readAll();
        append(postgresFile("a.json"), text(lines(1_000, 1_010)));
        readAll();
        Files.delete(compressed);
        lookUntilDeleted();
        assertThat(records).isEqualTo(lines(0, 1_010));
    }

    @Test
    void compressedFileIsReadWhileItIsWritten() throws IOException {
        byte[] compressed = gzip(text(lines(0, 20_000)));
        Path target = postgresFile("a.json.gz");
        for (int at = 0; at < compressed.length; at += 5_000) {
            Files.write(
                    target,
                    Arrays.copyOfRange(compressed, at, Math.min(compressed.length, at + 5_000)),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            readAll();
        }
        assertThat(records).isEqualTo(lines(0, 20_000));
    }

    @Test
    void damagedCompressedFileIsReadUpToTheDamage() throws IOException {
        byte[] compressed = gzip(text(lines(0, 20_000)));
        Arrays.fill(compressed, compressed.length / 2, compressed.length, (byte) 0xff);
        Files.write(postgresFile("a.json.gz"), compressed);
        Files.writeString(postgresFile("none.json.gz"), "not compressed at all");
        append(postgresFile("b.json"), text(lines(50_000, 50_010)));
        readAll();
        // What damage unpacks to may be anything; everything before it is there, and so are other files.
        assertThat(records).startsWith(lines(0, 5_000).toArray(String[]::new));
        assertThat(records).containsAll(lines(50_000, 50_010)).hasSizeLessThan(20_000);
        assertThat(tails.unreadBytes()).isZero();
        assertThat(tails.unreadable()).as("what is no compressed file").isEqualTo(1);
    }

    @Test
    void membersOfOneCompressedFileAreReadOn() throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(gzip(text(lines(0, 500))));
        both.write(gzip(text(lines(500, 1_000))));
        Files.write(postgresFile("a.json.gz"), both.toByteArray());
        readAll();
        assertThat(records).isEqualTo(lines(0, 1_000));
    }

    @Test
    void recordOfACompressedFileLongerThanAnyBufferIsCut() throws IOException {
        append(postgresFile("a.json"), "before\n" + "y".repeat(1_500_000) + "\nafter\n");
        compress(postgresFile("a.json"));
        readAll();
        assertThat(records).containsExactly("before", "y".repeat(LIMIT) + "…1500000", "after");
    }

    @Test
    void copiedAndTruncatedFileIsReadOnce() throws IOException {
        Random random = new Random(11);
        int written = 0;
        Path last = file;
        for (int round = 0; round < 20; round++) {
            int more = 1 + random.nextInt(60);
            append(file, text(lines(written, written + more)));
            written += more;
            boolean readBefore = random.nextBoolean();
            if (readBefore) {
                readAll();
            }
            if (random.nextInt(4) == 0) {
                store();
                restart();
                readAll();
            }
            last = file.resolveSibling("a.jsonl." + (round + 1));
            Files.copy(file, last);
            if (random.nextBoolean()) {
                readAll();
            }
            Files.writeString(file, "", StandardOpenOption.TRUNCATE_EXISTING);
            readAll();
        }
        readAll();
        assertThat(records).hasSize(written).containsExactlyInAnyOrderElementsOf(lines(0, written));
    }

    @Test
    void copyThatMissesWhatWasReadBeforeTheTruncationIsNotReadAgain() throws IOException {
        append(file, text(lines(0, 50)));
        readAll();
        Files.copy(file, file.resolveSibling("a.jsonl.1"));
        append(file, text(lines(50, 60)));
        readAll();
        Files.writeString(file, text(lines(60, 70)), StandardOpenOption.TRUNCATE_EXISTING);
        readAll();
        readAll();
        assertThat(records).isEqualTo(lines(0, 70));
    }

    @Test
    void fileShortenedByAnAccidentIsReadFromItsStart() throws IOException {
        append(file, text(lines(0, 50)));
        readAll();
        Files.writeString(file, text(lines(0, 40)), StandardOpenOption.TRUNCATE_EXISTING);
        append(file, text(lines(90, 91)));
        readAll();
        assertThat(records).hasSize(50 + 41).endsWith(lines(90, 91).getFirst());
    }

    @Test
    void deletedFileIsReadToItsEndWhileItsInodeServesAnother() throws IOException {
        Path json = postgresFile("a.json");
        append(json, text(lines(0, 10)));
        room = 3;
        readAll();
        Files.move(json, directory.resolve("kept"));
        Files.copy(directory.resolve("kept"), json);
        // The name belongs to another inode now, with the same content: the one that was read is gone.
        Files.delete(directory.resolve("kept"));
        room = Integer.MAX_VALUE;
        lookUntilDeleted();
        append(json, text(lines(10, 20)));
        lookUntilDeleted();
        assertThat(records).isEqualTo(lines(0, 20));
        Files.move(json, postgresFile("b.json"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(postgresFile("b.json"), text(lines(20, 30)));
        readAll();
        assertThat(records).isEqualTo(lines(0, 30));
    }
}
