package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;

class JsonRecordParserTest {
    private static final String TIME = "\"timestamp\":\"2026-11-05 10:20:36.123 UTC\"";

    private final JsonRecordParser parser = new JsonRecordParser(Table.POSTGRES_LOG, new LogTime(ZoneOffset.UTC));
    private final RecordFields fields = new RecordFields();

    private Verdict parse(byte[] bytes, int length) {
        byte[] withSlack = Arrays.copyOf(bytes, bytes.length + RawRecord.SLACK_BYTES);
        return parser.parse(new RawRecord().show(withSlack, 0, bytes.length, 0, length), fields);
    }

    private Verdict parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return parse(bytes, bytes.length);
    }

    private Map<String, Object> values() {
        return Values.of(fields);
    }

    @Test
    void everyKeyOfPostgresHasAColumnOfItsType() {
        assertThat(parse("{" + TIME
                        + ",\"user\":\"u\",\"dbname\":\"d\",\"pid\":7,\"remote_host\":\"[local]\",\"remote_port\":5,"
                        + "\"session_id\":\"66f.1\",\"line_num\":3,\"ps\":\"SELECT\",\"session_start\":"
                        + "\"2026-11-05 10:20:00 UTC\",\"vxid\":\"3/4\",\"txid\":4294967295,\"error_severity\":\"LOG\","
                        + "\"state_code\":\"00000\",\"message\":\"m\",\"internal_position\":1,\"cursor_position\":2,"
                        + "\"file_line_num\":9,\"leader_pid\":11,\"query_id\":8245075842732809484}"))
                .isEqualTo(Verdict.PARSED);
        assertThat(values())
                .containsEntry("log_time", micros("2026-11-05T10:20:36.123Z"))
                .containsEntry("session_start", micros("2026-11-05T10:20:00Z"))
                .containsEntry("pid", 7)
                .containsEntry("line_num", 3L)
                .containsEntry("txid", 4_294_967_295L)
                .containsEntry("leader_pid", 11)
                .doesNotContainKeys("extra", "detail", Table.TRUNCATED);
        assertThat(values()).containsEntry("query_id", 8_245_075_842_732_809_484L);
    }

    private static long micros(String instant) {
        return Instant.parse(instant).toEpochMilli() * 1_000;
    }

    @Test
    void textKeepsEveryCharacterThatPostgresCanHold() {
        assertThat(parse("{" + TIME + ",\"message\":\"a\\n\\\"\\\\\\u00e9é漢😀\\ud83d\\ude00\"}"))
                .isEqualTo(Verdict.PARSED);
        assertThat(values()).containsEntry("message", "a\n\"\\éé漢😀😀");
        assertThat(parse("{" + TIME + ",\"message\":\"a\\u0000b\\ud800c\"}")).isEqualTo(Verdict.PARSED);
        assertThat(values()).containsEntry("message", "a\uFFFDb\uFFFDc");
    }

    @Test
    void whatHasNoColumnIsKeptWithEveryDigit() {
        assertThat(parse("{" + TIME + ",\"new_key\":{\"a\":[1.10000000000000000001,12345678901234567890,null]},"
                        + "\"pid\":\"not a number\",\"query_id\":99999999999999999999}"))
                .isEqualTo(Verdict.PARSED);
        assertThat(values())
                .containsEntry(
                        "extra",
                        "{\"new_key\":{\"a\":[1.10000000000000000001,12345678901234567890,null]},"
                                + "\"pid\":\"not a number\",\"query_id\":99999999999999999999}")
                .doesNotContainKeys("pid", "query_id");
    }

    @Test
    void whatIsNotOneObjectWithATimeIsRefusedWithTheReason() {
        assertThat(parse("{" + TIME + "")).isEqualTo(Verdict.INVALID_JSON);
        assertThat(parse("{" + TIME + "}{}")).isEqualTo(Verdict.INVALID_JSON);
        assertThat(parse("[1]")).isEqualTo(Verdict.INVALID_JSON);
        assertThat(parse("{\"message\":\"m\"}")).isEqualTo(Verdict.INVALID_TIME);
        assertThat(parse("{\"timestamp\":\"yesterday\"}")).isEqualTo(Verdict.INVALID_TIME);
        assertThat(parse("  ")).isEqualTo(Verdict.BLANK);
        byte[] latin = ("{" + TIME + ",\"message\":\"é\"}").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(parse(latin, latin.length)).isEqualTo(Verdict.INVALID_UTF8);
    }

    @Test
    void aRecordCutAnywhereKeepsWhatWasBeforeTheCut() {
        String whole = "{" + TIME + ",\"pid\":123,\"message\":\"x\\u00e9\\\\é漢😀\\n tail\",\"hint\":\"h\"}";
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        int timeEnd = ("{" + TIME).length();
        for (int cut = timeEnd; cut < bytes.length; cut++) {
            assertThat(parse(Arrays.copyOf(bytes, cut), bytes.length))
                    .as("cut at %d", cut)
                    .isEqualTo(Verdict.PARSED);
            assertThat(values()).containsEntry(Table.TRUNCATED, (long) bytes.length);
            Object message = values().getOrDefault("message", "");
            assertThat("xé\\é漢😀\n tail").startsWith(message.toString());
        }
    }
}
