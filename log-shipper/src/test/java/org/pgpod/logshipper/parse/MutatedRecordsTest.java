package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgpod.logshipper.model.Column;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Verdict;

/**
 * Records of real servers and sidecars, changed at random by a seed: framing finds the same records whatever the chunks, and
 * parsing ends with a verdict and with values that a store can take.
 */
class MutatedRecordsTest {
    private static final int MUTATIONS = 4_000;
    private static final int RECORDS = 3;

    private static final List<String> CSVLOG = List.of(
            "2026-11-05 10:21:00.001 UTC,\"u\",\"d\",9,\"127.0.0.1:5432\",66f.2,1,\"SELECT\",2026-11-05 10:21:00 UTC,3/1,0,"
                    + "ERROR,22012,\"division by \"\"zero\"\"\",,,,,\"a\nb\",\"SELECT 1\n/ 0\",,\"int4div, int.c:841\",\"psql\","
                    + "\"client backend\",,-8245075842732809484",
            "2026-11-05 10:21:00.001 UTC,,,9,,66f.2,1,,2026-11-05 10:21:00 UTC,,0,LOG,00000,\"two\nlines\",,,,,,,,,\"\","
                    + "\"postmaster\"");

    private static final List<String> JSONLOG = List.of(
            "{\"timestamp\":\"2026-11-05 10:21:00.001 UTC\",\"user\":\"u\",\"dbname\":\"d\",\"pid\":9,\"remote_host\":\"h\","
                    + "\"remote_port\":5432,\"session_id\":\"66f.2\",\"line_num\":1,\"session_start\":\"2026-11-05 10:21:00"
                    + " UTC\",\"txid\":0,\"error_severity\":\"ERROR\",\"state_code\":\"22012\",\"message\":\"é\\n\\\"漢\\u0001\","
                    + "\"query_id\":-8245075842732809484,\"new\":{\"a\":[1.0,null]}}",
            "{\"timestamp\":\"2026-11-05 10:21:00.001 CET\",\"pid\":9,\"message\":\"m\"}");

    private static final List<String> STDERR = List.of(
            "2026-11-05 10:20:36.123 UTC [77] LOG:  one\n\ttwo",
            "2026-11-05 10:20:36.123 UTC [77] ERROR:  e at character 7\n2026-11-05 10:20:36.123 UTC [77] STATEMENT:  SELECT\n\tx",
            "a library's line",
            CSVLOG.getLast(),
            JSONLOG.getLast());

    private static final List<String> PIECES = List.of(
            "\"",
            "\"\"",
            "\n",
            "\n\t",
            "\\",
            ",",
            "{",
            "}",
            "[",
            "\0",
            "\u00e9",
            "\ud83d\ude00",
            "{\"timestamp\":\"",
            ":  ",
            "LOG:  ",
            "2026-11-05 10:21:00.001 UTC,",
            "99999999999999999999",
            "\\u",
            "\r",
            "'");

    private final Formats formats = new Formats(new LogTime(ZoneOffset.UTC), new LinePrefix("%m [%p] "));
    private final RecordFields fields = new RecordFields();

    private static List<String> corpus(LogStream stream) {
        return switch (stream) {
            case CSVLOG -> CSVLOG;
            case POSTGRES, SIDECAR -> JSONLOG;
            case STDERR -> STDERR;
        };
    }

    @ParameterizedTest
    @EnumSource(LogStream.class)
    void changedRecordsAreFramedAndParsed(LogStream stream) {
        int framed = 0;
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            long seed = 1_000_003L * i + stream.label().length();
            Random random = new Random(seed);
            byte[] bytes = mutated(corpus(stream), random);
            List<String> whole = Framing.records(formats.framer(stream), bytes);
            assertThat(Framing.inChunks(formats.framer(stream), bytes, random))
                    .as("seed %d", seed)
                    .isEqualTo(whole);
            for (String record : whole) {
                framed++;
                refused += parses(stream, record, random, seed) ? 0 : 1;
            }
        }
        assertThat(framed).as("records").isGreaterThan(MUTATIONS);
        assertThat(refused).as("some are broken, some are not").isBetween(1, framed - 1);
    }

    private boolean parses(LogStream stream, String record, Random random, long seed) {
        byte[] text = record.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(text, text.length + RawRecord.SLACK_BYTES);
        // Some are shown as if they were cut here.
        long length = random.nextInt(4) == 0 ? text.length + 100L : text.length;
        Verdict verdict = formats.parser(stream).parse(new RawRecord().show(bytes, 0, text.length, 0, length), fields);
        if (verdict == Verdict.PARSED) {
            assertThat(invalidColumn()).as("seed %d %s", seed, record).isEmpty();
        }
        formats.key(stream, new RawRecord().show(bytes, 0, text.length, 0, length));
        return verdict == Verdict.PARSED;
    }

    /** The column whose text is not one that Postgres takes. */
    private String invalidColumn() {
        List<Column> columns = fields.table().columns();
        for (int i = 0; i < columns.size(); i++) {
            if (!fields.isNull(i) && columns.get(i).kind() == Column.Kind.TEXT) {
                ByteBuffer text = ByteBuffer.wrap(fields.bytes(), fields.start(i), fields.length(i));
                try {
                    if (StandardCharsets.UTF_8
                                    .newDecoder()
                                    .decode(text)
                                    .toString()
                                    .indexOf('\0')
                            >= 0) {
                        return columns.get(i).name();
                    }
                } catch (CharacterCodingException invalid) {
                    return columns.get(i).name();
                }
            }
        }
        return "";
    }

    private static byte[] mutated(List<String> corpus, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < RECORDS; i++) {
            text.append(corpus.get(random.nextInt(corpus.size()))).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 100));
            ByteArrayOutputStream changed = new ByteArrayOutputStream();
            changed.write(bytes, 0, at);
            switch (random.nextInt(4)) {
                case 0 -> changed.write(random.nextInt(128));
                case 1 ->
                    changed.writeBytes(PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8));
                case 2 -> changed.write(bytes, at, to - at);
                default -> at = to;
            }
            changed.write(bytes, at, bytes.length - at);
            bytes = changed.toByteArray();
            if (bytes.length == 0) {
                return new byte[] {'\n'};
            }
        }
        bytes = Arrays.copyOf(bytes, bytes.length + 1);
        bytes[bytes.length - 1] = '\n';
        return bytes;
    }
}
