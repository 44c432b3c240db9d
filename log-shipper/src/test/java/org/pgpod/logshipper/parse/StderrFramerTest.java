package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StderrFramerTest {
    private static final int ROUNDS = 300;
    private static final String PREFIX = "2026-11-05 10:20:36.123 UTC [77] ";
    private static final String[] LABELS = {"LOG", "ERROR", "WARNING", "DEBUG", "PANIC"};
    private static final String[] PARTS = {"DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION"};
    private static final String CSV = "2026-11-05 10:21:00.001 CET,,,9,,66f.2,1,,2026-11-05 10:21:00 CET,,0,LOG,00000,"
            + "\"two\nlines\",,,,,,,,,\"\",\"postmaster\",,0";

    private final StderrFramer framer = new StderrFramer(new LinePrefix(LinePrefix.STANDARD), new PrefixFit());

    private static String text(Random random) {
        StringBuilder text = new StringBuilder("text é");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(random.nextBoolean() ? "\n\t" : "x".repeat(random.nextInt(2_000)));
        }
        return text.toString();
    }

    private static String record(Random random) {
        StringBuilder record = new StringBuilder(PREFIX + LABELS[random.nextInt(LABELS.length)] + ":  " + text(random));
        for (int i = random.nextInt(4); i > 0; i--) {
            record.append('\n')
                    .append(PREFIX)
                    .append(PARTS[random.nextInt(PARTS.length)])
                    .append(":  ")
                    .append(text(random));
        }
        return record.toString();
    }

    @Test
    void recordsKeepTheirLinesWhateverTheChunks() {
        for (int round = 0; round < ROUNDS; round++) {
            long seed = 31L * round + System.nanoTime();
            Random random = new Random(seed);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                expected.add(
                        switch (random.nextInt(6)) {
                            case 0 -> "a library's line " + "y".repeat(random.nextInt(1_500));
                            case 1 -> CSV;
                            case 2 -> "";
                            default -> record(random);
                        });
            }
            byte[] bytes = (String.join("\n", expected) + "\n").getBytes(StandardCharsets.UTF_8);
            assertThat(Framing.inChunks(framer, bytes, random))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void lastRecordWaitsUntilTheFileHasComeToRest() {
        byte[] bytes = (PREFIX + "ERROR:  e\n").getBytes(StandardCharsets.UTF_8);
        Frame frame = new Frame();
        frame.begin();
        assertThat(framer.find(frame, bytes, 0, 0, bytes.length, Framer.Rest.MAY_FOLLOW))
                .isFalse();
        frame.begin();
        assertThat(framer.find(frame, bytes, 0, 0, bytes.length, Framer.Rest.IS_THERE))
                .isTrue();
        assertThat(frame.end()).isEqualTo(bytes.length - 1);
    }

    @Test
    void prefixWithAnEscapeThatPostgresDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> new LinePrefix("%m %z")).hasMessageContaining("%z");
        assertThatThrownBy(() -> new LinePrefix("%m [%-5")).hasMessageContaining("middle of an escape");
    }

    @Test
    void prefixWithPaddingAndQuotedTextIsFound() {
        LinePrefix prefix = new LinePrefix("(.*) %-10u|%8p %%%q %c ");
        byte[] session = "(.*) postgres  |     123 % 66f.7b LOG:  m".getBytes(StandardCharsets.UTF_8);
        assertThat(prefix.kind(session, 0, session.length)).isEqualTo(LinePrefix.Kind.HEAD);
        assertThat(prefix.value(LinePrefix.Value.USER)).isEqualTo("postgres");
        assertThat(prefix.value(LinePrefix.Value.PID)).isEqualTo("123");
        assertThat(prefix.value(LinePrefix.Value.SESSION)).isEqualTo("66f.7b");
        byte[] other = "(.*)           |     123 %LOG:  m".getBytes(StandardCharsets.UTF_8);
        assertThat(prefix.kind(other, 0, other.length)).isEqualTo(LinePrefix.Kind.HEAD);
        byte[] none = "xx postgres  |     123 %LOG:  m".getBytes(StandardCharsets.UTF_8);
        assertThat(prefix.kind(none, 0, none.length)).isEqualTo(LinePrefix.Kind.OTHER);
    }
}
