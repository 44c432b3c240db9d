package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CsvlogFramerTest {
    private static final int ROUNDS = 400;
    private static final String[] PIECES = {
        "\"\"",
        "\n",
        ",",
        "é漢😀",
        "\\",
        "x",
        "2026-11-05 10:20:36.123 UTC,,,7,,66f.1,1,,2026-11-05 10:20:36 UTC,",
        "\t",
        " "
    };

    private static String record(String user, String message, String application) {
        return "2026-11-05 10:20:36.123 UTC," + user + "," + user + ",7,\"127.0.0.1:5\",66f.1a,3,\"SELECT\","
                + "2026-11-05 10:20:00 UTC,3/4,0,ERROR,22012,\"" + message + "\",,,,,,\"SELECT\n1 / 0\",8,,\""
                + application
                + "\",\"client backend\",,-42";
    }

    /** As the first process of a server writes it. */
    private static String startRecord(String message) {
        return "2026-11-05 10:21:00.001 CET,,,9,,66f.2,1,,2026-11-05 10:21:00 CET,,0,LOG,00000,\"" + message
                + "\",,,,,,,,,\"\",\"postmaster\",,0";
    }

    private static String record13(String message) {
        return "2026-11-05 10:21:00.001 +03,,,9,,66f.2,1,,2026-11-05 10:21:00 +03,,0,LOG,00000,\"" + message
                + "\",,,,,,,,,\"\",\"postmaster\"";
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    @Test
    void recordsComeWholeWhateverTheChunks() {
        int records = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long seed = 7_919L * round + System.nanoTime();
            Random random = new Random(seed);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                expected.add(
                        switch (random.nextInt(3)) {
                            case 0 -> startRecord(text(random));
                            case 1 -> record13(text(random));
                            default ->
                                record("\"u" + text(random).replace("\n", "") + "\"", text(random), text(random));
                        });
            }
            byte[] bytes = (String.join("\n", expected) + "\n").getBytes(StandardCharsets.UTF_8);
            assertThat(Framing.inChunks(new CsvlogFramer(), bytes, random))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
            records += expected.size();
        }
        assertThat(records).isEqualTo(12 * ROUNDS);
    }

    @Test
    void recordTornAnywhereTakesNothingWithIt() {
        byte[] first = record("\"é\"", "a \"\"b\"\",\nc", "psql").getBytes(StandardCharsets.UTF_8);
        String[] followers = {
            startRecord("starting"), record("\"u\"", "\"\"quoted\"\"", ""), startRecord(""), record13("m")
        };
        int tears = 0;
        for (int cut = 1; cut <= first.length; cut++) {
            for (String follower : followers) {
                String behind = follower + "\n" + record("\"u\"", "later", "x") + "\n";
                byte[] torn = java.util.Arrays.copyOf(first, cut);
                byte[] rest = behind.getBytes(StandardCharsets.UTF_8);
                byte[] bytes = java.util.Arrays.copyOf(torn, cut + rest.length);
                System.arraycopy(rest, 0, bytes, cut, rest.length);
                List<String> records = Framing.records(new CsvlogFramer(), bytes);
                assertThat(records)
                        .as("cut at %d", cut)
                        .endsWith(follower, record("\"u\"", "later", "x"))
                        .hasSizeLessThanOrEqualTo(4);
                assertThat(records.subList(0, records.size() - 2)).allMatch(record -> record.endsWith("¶"));
                assertThat(Framing.inChunks(new CsvlogFramer(), bytes, new Random(cut)))
                        .as("in chunks, cut at %d", cut)
                        .isEqualTo(records);
                tears++;
            }
        }
        assertThat(tears).isEqualTo(4 * first.length);
    }

    @Test
    void recordThatQuotesRecordsIsOne() {
        String quoting = record(
                "\"u\"",
                startRecord("x").replace("\"", "\"\"") + "\n" + startRecord("y").replace("\"", "\"\""),
                "");
        assertThat(Framing.records(new CsvlogFramer(), quoting + "\n")).containsExactly(quoting);
    }

    @Test
    void bytesOfNoRecordAreSetAsideLineByLine() {
        String good = startRecord("m");
        assertThat(Framing.records(new CsvlogFramer(), "\nnoise\nmore \"noise\n\0\0\0" + good + "\n" + good + "\n"))
                .containsExactly("", "noise¶", "more \"noise¶", "\0\0\0¶", good, good);
    }
}
