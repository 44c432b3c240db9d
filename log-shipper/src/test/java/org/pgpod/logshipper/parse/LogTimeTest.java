package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogTimeTest {
    private static long parse(String text, String zone) {
        char[] characters = ("##" + text).toCharArray();
        return new LogTime(ZoneId.of(zone)).parse(characters, 2, text.length());
    }

    private static long micros(String instant) {
        Instant parsed = Instant.parse(instant);
        return parsed.getEpochSecond() * 1_000_000 + parsed.getNano() / 1_000;
    }

    @Test
    void formsOfPostgresAndIsoAreRead() {
        assertThat(parse("2026-11-05 10:20:36.123 UTC", "UTC")).isEqualTo(micros("2026-11-05T10:20:36.123Z"));
        assertThat(parse("2026-11-05 10:20:36 GMT", "UTC")).isEqualTo(micros("2026-11-05T10:20:36Z"));
        assertThat(parse("2026-11-05T10:20:36Z", "UTC")).isEqualTo(micros("2026-11-05T10:20:36Z"));
        assertThat(parse("2026-11-05T10:20:36.123456789Z", "UTC")).isEqualTo(micros("2026-11-05T10:20:36.123456Z"));
        assertThat(parse("2026-11-05 10:20:36.1 +03", "UTC")).isEqualTo(micros("2026-11-05T07:20:36.1Z"));
        assertThat(parse("2026-11-05 10:20:36.1-0330", "UTC")).isEqualTo(micros("2026-11-05T13:50:36.1Z"));
        assertThat(parse("2026-11-05 10:20:36.1 +05:30", "UTC")).isEqualTo(micros("2026-11-05T04:50:36.1Z"));
    }

    @Test
    void abbreviationsAreReadInTheConfiguredZone() {
        assertThat(parse("2026-07-01 12:00:00.000 CEST", "Europe/Berlin")).isEqualTo(micros("2026-07-01T10:00:00Z"));
        assertThat(parse("2026-12-01 12:00:00.000 CET", "Europe/Berlin")).isEqualTo(micros("2026-12-01T11:00:00Z"));
        assertThat(parse("2026-12-01 12:00:00.000 CET", "UTC")).isEqualTo(LogTime.INVALID);
    }

    @Test
    void whatIsNoTimeIsInvalid() {
        for (String text : new String[] {
            "",
            "2026-11-05",
            "2026-11-05 10:20:36",
            "2026-13-05 10:20:36 UTC",
            "2026-02-29 10:20:36 UTC",
            "2026-11-05 24:20:36 UTC",
            "2026-11-05 10:20:3x UTC",
            "2026-11-05 10:20:36. UTC",
            "2026-11-05 10:20:36.1 +3",
            "2026-11-05 10:20:36.1 UTCX"
        }) {
            assertThat(parse(text, "UTC")).as(text).isEqualTo(LogTime.INVALID);
        }
    }

    @Test
    void agreesWithTheJavaLibraryOnAnyInstant() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        DateTimeFormatter form =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS 'UTC'").withZone(ZoneOffset.UTC);
        for (int i = 0; i < 20_000; i++) {
            long millis = random.nextLong(-62_135_596_800_000L, 253_402_300_799_999L);
            assertThat(parse(form.format(Instant.ofEpochMilli(millis)), "UTC"))
                    .as("seed %d", seed)
                    .isEqualTo(millis * 1_000);
        }
    }
}
