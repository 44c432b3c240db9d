package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    private static boolean javaTakesIt(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException invalid) {
            return false;
        }
    }

    @Test
    void agreesWithTheJavaLibraryOnMutatedText() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] text = "plain text, then é ß, 漢字, 😀 and more plain text".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 50_000; i++) {
            byte[] mutated = text.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            assertThat(Utf8.valid(mutated, 0, mutated.length))
                    .as("seed %d", seed)
                    .isEqualTo(javaTakesIt(mutated));
        }
    }

    @Test
    void cutsBetweenCharacters() {
        String text = "aé漢😀b";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            int whole = Utf8.wholeCharacters(bytes, 0, cut);
            assertThat(Utf8.valid(bytes, 0, whole)).isTrue();
            assertThat(cut - whole).isLessThan(4);
            assertThat(text).startsWith(new String(bytes, 0, whole, StandardCharsets.UTF_8));
        }
    }
}
