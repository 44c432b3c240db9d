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

class CsvlogRecordParserTest {
    private static final String WHOLE =
            "2026-11-05 10:20:36.123 UTC,\"u\"\"x\",\"d\",7,\"::1:5432\",66f.1a,3,\"SELECT\","
                    + "2026-11-05 10:20:00 UTC,3/4,4294967295,ERROR,22012,\"line\n\"\"two\"\", é漢😀\",\"\",\"h\",\"SELECT 1\",5,"
                    + "\"c\",\"SELECT 1 / 0\",8,\"int4div, int.c:841\",\"psql\",\"parallel worker\",6,-8245075842732809484";

    private final CsvlogRecordParser parser = new CsvlogRecordParser(new LogTime(ZoneOffset.UTC));
    private final RecordFields fields = new RecordFields();

    private Verdict parse(byte[] bytes, int length) {
        byte[] withSlack = Arrays.copyOf(bytes, bytes.length + RawRecord.SLACK_BYTES);
        return parser.parse(new RawRecord().show(withSlack, 0, bytes.length, 0, length), fields);
    }

    private Verdict parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return parse(bytes, bytes.length);
    }

    private Map<String, Object> values() {
        return Values.of(fields);
    }

    @Test
    void everyColumnOfPostgresFillsThoseOfJsonlog() {
        assertThat(parse(WHOLE)).isEqualTo(Verdict.PARSED);
        assertThat(values())
                .containsEntry(
                        "log_time", Instant.parse("2026-11-05T10:20:36.123Z").toEpochMilli() * 1_000)
                .containsEntry(
                        "session_start", Instant.parse("2026-11-05T10:20:00Z").toEpochMilli() * 1_000)
                .containsEntry("user_name", "u\"x")
                .containsEntry("remote_host", "::1")
                .containsEntry("remote_port", 5_432)
                .containsEntry("session_id", "66f.1a")
                .containsEntry("line_num", 3L)
                .containsEntry("txid", 4_294_967_295L)
                .containsEntry("message", "line\n\"two\", é漢😀")
                .containsEntry("detail", "")
                .containsEntry("internal_position", 5)
                .containsEntry("cursor_position", 8)
                .containsEntry("func_name", "int4div")
                .containsEntry("file_name", "int.c")
                .containsEntry("file_line_num", 841)
                .containsEntry("leader_pid", 6)
                .containsEntry("query_id", -8_245_075_842_732_809_484L)
                .hasSize(29);
    }

    @Test
    void recordOf13HasTwoColumnsLess() {
        assertThat(parse("2026-11-05 10:20:36.123 UTC,,,7,\"[local]\",66f.1a,3,,2026-11-05 10:20:00 UTC,,0,LOG,00000,"
                        + "\"m\",,,,,,,,,\"\",\"postmaster\""))
                .isEqualTo(Verdict.PARSED);
        assertThat(values())
                .containsOnlyKeys(
                        "log_time",
                        "pid",
                        "remote_host",
                        "session_id",
                        "line_num",
                        "session_start",
                        "txid",
                        "error_severity",
                        "message",
                        "backend_type")
                .containsEntry("remote_host", "[local]");
    }

    @Test
    void whatIsNoRecordIsRefusedWithTheReason() {
        assertThat(parse(WHOLE + ",1")).isEqualTo(Verdict.INVALID_CSV);
        assertThat(parse(WHOLE.replace(",-824", ",x824"))).isEqualTo(Verdict.INVALID_CSV);
        assertThat(parse(WHOLE.replace(",6,", ",99999999999,"))).isEqualTo(Verdict.INVALID_CSV);
        assertThat(parse(WHOLE.replace("int.c:841", "int.c"))).isEqualTo(Verdict.INVALID_CSV);
        assertThat(parse(WHOLE.replace("2026-11-05 10:20:36", "2026-11-05 30:20:36")))
                .isEqualTo(Verdict.INVALID_TIME);
        assertThat(parse("")).isEqualTo(Verdict.BLANK);
        byte[] latin = WHOLE.getBytes(StandardCharsets.ISO_8859_1);
        assertThat(parse(latin, latin.length)).isEqualTo(Verdict.INVALID_UTF8);
        assertThat(parse(WHOLE.replace("psql", "ps\0l"))).isEqualTo(Verdict.INVALID_UTF8);
    }

    @Test
    void aRecordCutAnywhereKeepsWhatWasBeforeTheCut() {
        byte[] bytes = WHOLE.getBytes(StandardCharsets.UTF_8);
        assertThat(parse(bytes, bytes.length)).isEqualTo(Verdict.PARSED);
        Map<String, Object> whole = values();
        for (int cut = "2026-11-05 10:20:36.123 UTC,".length(); cut < bytes.length; cut++) {
            assertThat(parse(Arrays.copyOf(bytes, cut), bytes.length))
                    .as("cut at %d", cut)
                    .isEqualTo(Verdict.PARSED);
            assertThat(values()).containsEntry(Table.TRUNCATED, (long) bytes.length);
            int place = cut;
            values().forEach((column, value) -> {
                if (!column.equals(Table.TRUNCATED)) {
                    assertThat(String.valueOf(whole.get(column)))
                            .as("%s cut at %d", column, place)
                            .startsWith(value.toString());
                }
                if (!(value instanceof String) && !column.equals(Table.TRUNCATED)) {
                    assertThat(value).as("%s cut at %d", column, place).isEqualTo(whole.get(column));
                }
            });
        }
    }
}
