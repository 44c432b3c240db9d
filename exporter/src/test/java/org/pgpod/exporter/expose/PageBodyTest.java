package org.pgpod.exporter.expose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;

/** A page is the same whether its lines were made ahead or for it, and whether it is compressed. */
class PageBodyTest {
    private static final int TRAILER_BYTES = 8;
    private static final int HEADER_BYTES = 10;

    private static MetricFamily family(String name, int series, Random random) {
        MetricFamily.Builder builder = new MetricFamily.Builder(name, MetricType.COUNTER, "A family.");
        for (int i = 0; i < series; i++) {
            builder.add(LabelText.of("relname", "Tabelle-ä-" + i), random.nextInt(1_000_000) / 8.0);
        }
        return builder.build();
    }

    private static Collected collected(long seed) {
        Random random = new Random(seed);
        return new Collected(
                List.of(
                        family("pg_small_total", 3, random),
                        family("pg_medium_total", LinePacker.SERIES_MIN, random),
                        family("pg_huge_total", 40_000, random),
                        family("pg_last", LinePacker.SERIES_MIN - 1, random)),
                0,
                0,
                0);
    }

    private static PageBody page(Collected collected, ExpositionFormat format) {
        ExpositionBuffer buffer = new ExpositionBuffer(format, Set.of());
        collected.families().forEach(buffer::family);
        buffer.end();
        return buffer.body();
    }

    private static byte[] gzip(PageBody page) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        page.writeGzip(bytes);
        return bytes.toByteArray();
    }

    private static String unpacked(byte[] gzip) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @EnumSource(ExpositionFormat.class)
    void linesMadeAheadAreTheLinesOfThePage(ExpositionFormat format) throws Exception {
        Collected fresh = collected(1);
        Collected packed = LinePacker.packed(fresh);
        assertThat(packed.families().stream().map(family -> family.packed().isPresent()))
                .containsExactly(false, true, true, false);
        String expected = page(fresh, format).toString();
        PageBody page = page(packed, format);
        assertThat(page).hasToString(expected);
        assertThat(page.length()).isEqualTo(expected.getBytes(StandardCharsets.UTF_8).length);
        byte[] gzip = gzip(page);
        assertThat(unpacked(gzip)).isEqualTo(expected);
        assertThat(gzip.length).isLessThan(expected.length() / 4);
    }

    /** Not every client reads a second member, and java.util.zip would hide one. */
    @Test
    void aCompressedPageIsOneMember() throws Exception {
        PageBody page = page(LinePacker.packed(collected(2)), ExpositionFormat.TEXT);
        byte[] gzip = gzip(page);
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(gzip, HEADER_BYTES, gzip.length - HEADER_BYTES);
            byte[] text = new byte[(int) page.length()];
            int at = 0;
            while (!inflater.finished()) {
                int count = inflater.inflate(text, at, text.length - at);
                at += count;
                assertThat(count > 0 || inflater.finished()).isTrue();
            }
            assertThat(inflater.getRemaining()).isEqualTo(TRAILER_BYTES);
            assertThat(new String(text, StandardCharsets.UTF_8)).isEqualTo(page.toString());
        }
    }

    @Test
    void anEmptyPageIsAGoodMember() throws Exception {
        assertThat(unpacked(gzip(new PageBody()))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theSumOfTwoChecksIsTheCheckOfBothStretches(long seed) {
        Random random = new Random(seed);
        byte[] whole = new byte[random.nextInt(100_000) + 1];
        random.nextBytes(whole);
        int split = random.nextInt(whole.length + 1);
        int sum = Crc32Sum.of(check(whole, 0, split), check(whole, split, whole.length), whole.length - split);
        assertThat(sum).as("seed " + seed).isEqualTo(check(whole, 0, whole.length));
    }

    private static int check(byte[] bytes, int from, int to) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }
}
