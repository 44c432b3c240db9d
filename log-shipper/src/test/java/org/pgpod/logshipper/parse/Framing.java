package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Frames a text as the reader does: in chunks, from the start of a record or going on within one. */
final class Framing {
    private Framing() {}

    /** The records of a text that is all there; torn ones end in {@code ¶}. */
    static List<String> records(Framer framer, byte[] bytes) {
        List<String> records = new ArrayList<>();
        Frame frame = new Frame();
        int from = 0;
        frame.begin();
        while (framer.find(frame, bytes, from, from, bytes.length, Framer.Rest.IS_THERE)) {
            from = add(records, frame, bytes, from);
        }
        return records;
    }

    static List<String> records(Framer framer, String text) {
        return records(framer, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same while the bytes come in chunks: each look begins anew, or goes on with few bytes to look back at. */
    static List<String> inChunks(Framer framer, byte[] bytes, Random random) {
        List<String> records = new ArrayList<>();
        Frame frame = new Frame();
        frame.begin();
        int from = 0;
        int at = 0;
        int filled = 0;
        while (filled < bytes.length) {
            filled = Math.min(bytes.length, filled + 1 + random.nextInt(random.nextBoolean() ? 7 : 900));
            boolean complete = filled == bytes.length;
            byte[] there = Arrays.copyOf(bytes, filled);
            Framer.Rest rest = complete ? Framer.Rest.IS_THERE : Framer.Rest.MAY_FOLLOW;
            int start = Math.max(from, at - Framer.LOOK_BACK_BYTES);
            while (framer.find(frame, there, start, at, filled, rest)) {
                from = add(records, frame, bytes, from);
                start = from;
                at = from;
            }
            boolean goOn = random.nextBoolean();
            at = goOn ? frame.lookedTo() : from;
            if (!goOn) {
                frame.begin();
            }
        }
        return records;
    }

    private static int add(List<String> records, Frame frame, byte[] bytes, int from) {
        assertThat(frame.next()).as("framing goes forward").isGreaterThan(from);
        String text = new String(bytes, from, frame.end() - from, StandardCharsets.UTF_8);
        records.add(frame.torn() ? text + "¶" : text);
        int next = frame.next();
        frame.begin();
        return next;
    }
}
