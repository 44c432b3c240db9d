package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonlogFramerTest {
    private static final int ROUNDS = 300;
    private static final String[] PIECES = {"{", "{\\\"timestamp\\\":\\\"", "\\n", "}", "é漢😀", "\"", "x{\"", ","};

    private static String line(Random random) {
        StringBuilder line = new StringBuilder(random.nextInt(20) == 0 ? "" : "{\"timestamp\":\"2026");
        for (int i = random.nextInt(9); i > 0; i--) {
            line.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return line.toString();
    }

    @Test
    void linesComeWholeWhateverTheChunks() {
        for (int round = 0; round < ROUNDS; round++) {
            long seed = 104_729L * round + System.nanoTime();
            Random random = new Random(seed);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                expected.add(line(random));
            }
            byte[] bytes = (String.join("\n", expected) + "\n").getBytes(StandardCharsets.UTF_8);
            assertThat(Framing.inChunks(new JsonlogFramer(), bytes, random))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
            assertThat(Framing.inChunks(Framer.lines(), bytes, random))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void recordTornAnywhereTakesNothingWithIt() {
        byte[] first = "{\"timestamp\":\"2026-11-05\",\"message\":\"a \\\"b\\\" {é\"}".getBytes(StandardCharsets.UTF_8);
        String next = "{\"timestamp\":\"2027\",\"message\":\"c\"}";
        for (int cut = 1; cut <= first.length; cut++) {
            byte[] rest = (next + "\n" + next + "\n").getBytes(StandardCharsets.UTF_8);
            byte[] bytes = Arrays.copyOf(first, cut + rest.length);
            System.arraycopy(rest, 0, bytes, cut, rest.length);
            List<String> records = Framing.records(new JsonlogFramer(), bytes);
            assertThat(records).as("cut at %d", cut).hasSize(3).endsWith(next, next);
            assertThat(Framing.inChunks(new JsonlogFramer(), bytes, new Random(cut)))
                    .isEqualTo(records);
        }
    }
}
