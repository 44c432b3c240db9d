package org.pgpod.logshipper.know;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.core.postgres.NormalizedSql;
import org.pgpod.logshipper.know.RedactionPolicy.Treatment;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;

class RecordScreenTest {
    private static final RedactionPolicy KEEP =
            new RedactionPolicy(Treatment.KEEP, Treatment.KEEP, Treatment.KEEP, Treatment.KEEP);

    private final RecordFields fields = new RecordFields();

    private Optional<PostgresEvent> screen(RedactionPolicy policy, Map<String, String> values) {
        fields.reset(Table.POSTGRES_LOG);
        values.forEach((column, value) -> fields.setText(Table.POSTGRES_LOG.column(column), value));
        return new RecordScreen(policy).screen(fields);
    }

    private String value(String column) {
        int index = Table.POSTGRES_LOG.column(column);
        return fields.isNull(index) ? "(null)" : fields.text(index);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "detail | 23505 | Key (a, lower(b))=(1, x) already exists. | Key (a, lower(b))=([redacted]) already exists.",
                "detail | 23503 | Key (a)=(x) is not present in table \"t\". | Key (a)=([redacted]) is not present in table \"t\".",
                "detail | 23P01 | Key (r)=([1,2)) conflicts with existing key (r)=([1,5)). | Key (r)=([redacted]).",
                "detail | 23505 | Key (a)=() already exists.) already exists. | Key (a)=([redacted]) already exists.",
                "detail | 23502 | Failing row contains (1, x). | Failing row contains [redacted].",
                "detail | 22P02 | Token \"x\" is invalid. | [redacted]",
                "detail | 2BP01 | view v depends on table t | view v depends on table t",
                "detail | 00000 | parameters: $1 = 'x', $2 = NULL | parameters: [redacted]",
                "detail | 00000 | Parameters: $1 = 'x' | Parameters: [redacted]",
                "detail | 00000 | prepare: PREPARE p AS SELECT 'x' | prepare: prepare p as select ?",
                "context | 22P02 | COPY t, line 2, column a: \"x\" | COPY t, line 2: [redacted]",
                "context | 22P02 | COPY t, line 2: \"x,y\" | COPY t, line 2: [redacted]",
                "context | 22P02 | COPY t, line 2 | COPY t, line 2",
                "context | 22P02 | unnamed portal parameter $1 = 'x' | unnamed portal parameter $1 = [redacted]",
                "context | 22P02 | JSON data, line 1: {\"a\": x | [redacted]",
                "context | 55000 | a line of some extension | [redacted]",
                "context | 23505 | while inserting index tuple (0,1) in relation \"i\" | while inserting index tuple (0,1) in relation \"i\"",
                "context | 42601 | SQL statement \"SELECT 'x'\" | SQL statement \"select ?\"",
                "message | 22P02 | invalid input syntax for type integer: \"x\"y\" | invalid input syntax for type integer: \"[redacted]\"",
                "message | 22023 | invalid value for parameter \"work_mem\": \"x\" | invalid value for parameter \"work_mem\": \"[redacted]\"",
                "message | 23502 | null value in column \"a\" of relation \"t\" violates not-null constraint | null value in column \"a\" of relation \"t\" violates not-null constraint",
                "message | 22021 | invalid byte sequence for encoding \"UTF8\": 0x78 0x79 | invalid byte sequence for encoding \"UTF8\": [redacted]",
                "message | 42601 | syntax error at or near \"x\" | syntax error at or near \"[redacted]\"",
                "message | 42P01 | relation \"x\" does not exist | relation \"x\" does not exist",
                "message | P0001 | whatever x | [redacted]",
                "message | 00000 | job starts: SELECT f('x') and 'y' | job starts: SELECT f('[redacted]'",
                "message | 00000 | AUDIT: SESSION,1,1,READ,SELECT,,,\"select 'x', \"\"A\"\"\",x | AUDIT: SESSION,1,1,READ,SELECT,,,\"select ?, \"\"A\"\"\",[redacted]",
                "message | 00000 | parameter \"primary_conninfo\" changed to \"host=h password=x\" | parameter \"primary_conninfo\" changed to \"host=h password=[redacted]\"",
            })
    void valuesAreTakenOutByTheFormTheyStandIn(String column, String state, String before, String after) {
        screen(RedactionPolicy.ALL, Map.of("error_severity", "LOG", "state_code", state, column, before));
        assertThat(value(column)).isEqualTo(after);
    }

    @Test
    void manyLinesOfAContextAreToldApart() {
        screen(
                RedactionPolicy.ALL,
                Map.of(
                        "state_code",
                        "22012",
                        "context",
                        "PL/pgSQL function f() line 3 at SQL statement\nSQL statement \"SELECT 'a',\n 'PL/b'\"\n"
                                + "PL/pgSQL function g() line 1 at PERFORM\nleft over"));
        assertThat(value("context").split("\n", -1))
                .containsExactly(
                        "PL/pgSQL function f() line 3 at SQL statement",
                        "SQL statement \"select ?, ...\"",
                        "PL/pgSQL function g() line 1 at PERFORM",
                        "[redacted]");
    }

    @Test
    void whatIsRaisedIsTheFunctionsWhateverItLooksLike() {
        screen(
                RedactionPolicy.ALL,
                Map.of(
                        "error_severity", "LOG",
                        "message", "checkpoint complete: x",
                        "hint", "x",
                        "context", "PL/pgSQL function f() line 3 at RAISE"));
        assertThat(value("message") + value("hint")).isEqualTo("[redacted][redacted]");
    }

    @Test
    void statementsOfADeadlockAreNormalized() {
        assertThat(screen(
                        RedactionPolicy.ALL,
                        Map.of(
                                "state_code",
                                "40P01",
                                "error_severity",
                                "ERROR",
                                "message",
                                "deadlock detected",
                                "detail",
                                """
                                        Process 1 waits for ShareLock on transaction 2; blocked by process 3.
                                        Process 3 waits for ShareLock on transaction 4; blocked by process 1.
                                        Process 1: UPDATE t
                                        SET a = 'x'
                                        Process 3: UPDATE t SET a = 'y'""")))
                .contains(PostgresEvent.DEADLOCK);
        assertThat(value("detail"))
                .endsWith("process 1.\nProcess 1: update t set a = ?\nProcess 3: update t set a = ?");
    }

    @Test
    void aDurationIsANumberAndItsStatementHasTheFingerprintOfWireProxy() {
        assertThat(screen(
                        RedactionPolicy.ALL,
                        Map.of(
                                "error_severity",
                                "LOG",
                                "message",
                                "duration: 12.345 ms  execute p1: SELECT  a -- c\n FROM t WHERE b = 'x'")))
                .contains(PostgresEvent.DURATION);
        assertThat(value("message")).isEqualTo("duration: 12.345 ms  execute p1: select a from t where b = ?");
        assertThat(value("fingerprint")).isEqualTo(NormalizedSql.fingerprint("select a from t where b = ?"));
        assertThat(java.nio.ByteBuffer.wrap(
                                fields.bytes(), fields.start(Table.POSTGRES_LOG.column("duration_micros")), 8)
                        .getLong())
                .isEqualTo(12_345);
    }

    @Test
    void aStatementThatNamesACredentialKeepsNothingEvenIfThePolicyKeepsAll() {
        screen(
                KEEP,
                Map.of(
                        "error_severity",
                        "LOG",
                        "message",
                        "execute <unnamed>: UPDATE t SET password = $1, note = 'n' WHERE id = $2",
                        "detail",
                        "parameters: $1 = 'x', $2 = '2'"));
        assertThat(value("message")).isEqualTo("execute <unnamed>: update t set password = $1, note = ? where id = $2");
        assertThat(value("detail")).isEqualTo("parameters: [redacted]");
        screen(KEEP, Map.of("error_severity", "LOG", "message", "statement: SELECT 'kept'"));
        assertThat(value("message")).isEqualTo("statement: SELECT 'kept'");
    }

    @Test
    void aPlanLosesItsLiteralsAndKeepsItsNames() {
        String json = "{\"Query Text\": \"SELECT * FROM \\\"T\\\" WHERE a = 'x'\", \"Query Parameters\": \"$1 = 'x'\","
                + " \"Plan\": {\"Node Type\": \"Index Scan\", \"Relation Name\": \"T\", \"Total Cost\": 1.10,"
                + " \"Index Cond\": \"(a = 'x'::text)\", \"Plan Rows\": 12345678901234567890}}";
        assertThat(screen(
                        RedactionPolicy.ALL,
                        Map.of("error_severity", "LOG", "message", "duration: 1.000 ms  plan:\n" + json)))
                .contains(PostgresEvent.PLAN);
        assertThat(value("plan").substring(1))
                .isEqualTo(
                        "{\"Query Text\":\"select * from \\\"T\\\" where a = ?\",\"Query Parameters\":\"[redacted]\","
                                + "\"Plan\":{\"Node Type\":\"Index Scan\",\"Relation Name\":\"T\",\"Total Cost\":1.10,"
                                + "\"Index Cond\":\"(a = ?::text)\",\"Plan Rows\":12345678901234567890}}");
        assertThat(value("message")).isEqualTo("duration: 1.000 ms  plan:");
        assertThat(value("fingerprint")).isEqualTo(NormalizedSql.fingerprint("select * from \"T\" where a = ?"));
    }

    @Test
    void aPlanThatCannotBeToldApartIsLeftOut() {
        for (String plan :
                new String[] {"Query Text: SELECT 'x'\nResult  (cost=0)", "{\"Query Text\": \"SELECT 'x", "{}{}"}) {
            screen(
                    RedactionPolicy.ALL,
                    Map.of("error_severity", "LOG", "message", "duration: 1.000 ms  plan:\n" + plan));
            assertThat(value("message")).isEqualTo("duration: 1.000 ms  plan:\n[redacted]");
            assertThat(value("plan")).isEqualTo("(null)");
        }
    }

    @Test
    void aRecordThatWasCutHasNoFingerprint() {
        fields.reset(Table.POSTGRES_LOG);
        fields.setText(Table.POSTGRES_LOG.column("error_severity"), "LOG");
        fields.setText(Table.POSTGRES_LOG.column("message"), "statement: SELECT 'x");
        fields.setBigint(Table.POSTGRES_LOG.column(Table.TRUNCATED), 9);
        new RecordScreen(RedactionPolicy.ALL).screen(fields);
        assertThat(value("message")).isEqualTo("statement: select ?");
        assertThat(value("fingerprint")).isEqualTo("(null)");
    }

    @Test
    void aPreparedStatementMayHaveAnyName() {
        screen(RedactionPolicy.ALL, Map.of("error_severity", "LOG", "message", "execute a\nb: SELECT 'x'"));
        assertThat(value("message")).isEqualTo("execute a b: select ?");
    }

    /** Texts made of pieces that mean something somewhere: whatever they are, screening ends, and soon. */
    @Test
    void noTextStopsTheScreen() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> pieces = List.of(
                "duration: ",
                "1.000 ms",
                "  plan:",
                "\n",
                "statement: ",
                "execute ",
                ": ",
                "'",
                "\"",
                "$$",
                "$1",
                "(",
                ")",
                ")=(",
                "Key (",
                "Process 1: ",
                "SQL statement \"",
                "COPY t, line 1",
                "parameters: ",
                "AUDIT: ",
                ",,,,,,,",
                "{",
                "}",
                "password",
                "=",
                "://",
                "a:b@",
                "\\",
                "/*",
                "--",
                "é漢😀",
                "\uFFFD",
                " at RAISE",
                "bearer ",
                "create ",
                "0x",
                "-----BEGIN PRIVATE KEY-----",
                "1",
                " ",
                "PL/pgSQL function ",
                "remote SQL command: ",
                "Failing row contains ");
        List<String> columns =
                List.of("message", "detail", "hint", "context", "statement", "internal_query", "application_name");
        List<String> states = List.of("", "00000", "22P02", "23505", "42601", "40P01", "P0001", "XX000");
        for (int i = 0; i < 20_000; i++) {
            RedactionPolicy policy = i % 2 == 0 ? RedactionPolicy.ALL : KEEP;
            Map<String, String> values = new HashMap<>(Map.of("error_severity", "LOG"));
            values.put("state_code", states.get(random.nextInt(states.size())));
            for (String column : columns) {
                StringBuilder text = new StringBuilder();
                for (int left = random.nextInt(9); left >= 0; left--) {
                    text.append(pieces.get(random.nextInt(pieces.size())));
                }
                values.put(column, text.toString());
            }
            assertThatCode(() -> screen(policy, values))
                    .as("seed %d %s", seed, values)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void longTextsAreScreenedInTime() {
        for (String piece : List.of(
                "password", "x://a:", "a", "\"", "'", "(", "Process 1: x\n", "SQL statement \"a\"\n", "bearer ")) {
            String text = piece.repeat(200_000 / piece.length());
            assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                for (String column : List.of("message", "detail", "context", "statement")) {
                    screen(RedactionPolicy.ALL, Map.of("error_severity", "LOG", "state_code", "22P02", column, text));
                    screen(KEEP, Map.of("error_severity", "LOG", column, "AUDIT: " + text));
                }
            });
        }
    }

    @Test
    void onlyTheServersOwnMessagesAreEvents() {
        assertThat(screen(RedactionPolicy.ALL, Map.of("error_severity", "NOTICE", "message", "checkpoint complete: ")))
                .isEmpty();
        assertThat(screen(RedactionPolicy.ALL, Map.of("error_severity", "LOG", "message", "a checkpoint complete: ")))
                .isEmpty();
        assertThat(screen(RedactionPolicy.ALL, Map.of("error_severity", "ERROR", "state_code", "23505")))
                .contains(PostgresEvent.UNIQUE_VIOLATION);
    }
}
