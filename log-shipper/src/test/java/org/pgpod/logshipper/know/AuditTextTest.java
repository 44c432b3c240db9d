package org.pgpod.logshipper.know;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgpod.logshipper.know.RedactionPolicy.Treatment;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;

/** Lines of pgAudit 1.7, as its documentation and a server with it have them. */
class AuditTextTest {
    private static final RedactionPolicy KEEP =
            new RedactionPolicy(Treatment.KEEP, Treatment.KEEP, Treatment.KEEP, Treatment.KEEP);

    private static final RedactionPolicy KEEP_LITERALS =
            new RedactionPolicy(Treatment.REDACT, Treatment.KEEP, Treatment.KEEP, Treatment.KEEP);

    private final RecordFields fields = new RecordFields();

    private void screen(RedactionPolicy policy, Map<String, String> values) {
        fields.reset(Table.POSTGRES_LOG);
        values.forEach((column, value) -> fields.setText(Table.POSTGRES_LOG.column(column), value));
        new RecordScreen(policy).screen(fields);
    }

    private void screen(RedactionPolicy policy, String message) {
        screen(policy, Map.of("error_severity", "LOG", "state_code", "00000", "message", message));
    }

    private String message() {
        return fields.text(Table.POSTGRES_LOG.column("message"));
    }

    private String extra() {
        int column = Table.POSTGRES_LOG.column(Table.EXTRA);
        return fields.isNull(column) ? "" : fields.json(column);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,\"select 'x', \"\"A\"\"\",<none>"
                        + " | AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,\"select ?, \"\"A\"\"\",<none>"
                        + " | {\"audit\":{\"audit_type\":\"SESSION\",\"statement_id\":1,\"substatement_id\":1,\"class\":\"READ\",\"command\":\"SELECT\",\"object_type\":\"TABLE\",\"object_name\":\"public.t\"}}",
                "AUDIT: OBJECT,36,2,DDL,ALTER TABLE,TABLE,\"public.\"\"a,b\"\"\",ALTER TABLE test RENAME TO test2,<not logged>"
                        + " | AUDIT: OBJECT,36,2,DDL,ALTER TABLE,TABLE,\"public.\"\"a,b\"\"\",\"alter table test rename to test2\",<not logged>"
                        + " | {\"audit\":{\"audit_type\":\"OBJECT\",\"statement_id\":36,\"substatement_id\":2,\"class\":\"DDL\",\"command\":\"ALTER TABLE\",\"object_type\":\"TABLE\",\"object_name\":\"public.\\\"a,b\\\"\"}}",
                "AUDIT: SESSION,3,1,WRITE,INSERT,,,insert into t values ($1),\"x,y\",5"
                        + " | AUDIT: SESSION,3,1,WRITE,INSERT,,,insert into t values ($1),[redacted],5"
                        + " | {\"audit\":{\"audit_type\":\"SESSION\",\"statement_id\":3,\"substatement_id\":1,\"class\":\"WRITE\",\"command\":\"INSERT\",\"rows\":5}}",
                "AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.passwords,<previously logged>,<previously logged>"
                        + " | AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.passwords,<previously logged>,<previously logged>"
                        + " | {\"audit\":{\"audit_type\":\"SESSION\",\"statement_id\":4,\"substatement_id\":1,\"class\":\"READ\",\"command\":\"SELECT\",\"object_type\":\"TABLE\",\"object_name\":\"public.passwords\"}}",
            })
    void columnsAreToldApart(String before, String after, String columns) {
        screen(RedactionPolicy.ALL, before);
        assertThat(message()).isEqualTo(after);
        assertThat(extra()).isEqualTo(columns);
    }

    @Test
    void eachPolicyCountsForItsOwnColumn() {
        String message = "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,\"select 'a', b\",\"x,y\",1";
        screen(KEEP, message);
        assertThat(message()).isEqualTo(message);
        screen(KEEP_LITERALS, message);
        assertThat(message()).isEqualTo(message.replace("\"x,y\"", "[redacted]"));
        screen(KEEP, "AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,ALTER ROLE a PASSWORD $1,\"plugh\"");
        assertThat(message()).as("a credential's parameters").doesNotContain("plugh");
    }

    @Test
    void statementHasItsFingerprint() {
        screen(RedactionPolicy.ALL, "AUDIT: SESSION,1,1,READ,SELECT,,,\"select 'a', 1\",<none>");
        String first = fields.text(Table.POSTGRES_LOG.column("fingerprint"));
        screen(RedactionPolicy.ALL, Map.of("error_severity", "LOG", "message", "statement: SELECT 'b', 2"));
        assertThat(fields.text(Table.POSTGRES_LOG.column("fingerprint"))).isEqualTo(first);
    }

    @Test
    void whatOnlyLooksLikeAnAuditHasNoColumns() {
        for (String message : new String[] {
            "AUDIT: xyzzy 'xyzzy'",
            "AUDIT: SESSION,1,1,READ",
            "AUDIT: SESSION,one,1,READ,SELECT,,,'xyzzy',<none>",
            "AUDIT: SESSION,1,1,read,'xyzzy',,,select 1,<none>",
        }) {
            screen(RedactionPolicy.ALL, message);
            assertThat(extra()).as(message).isEmpty();
            assertThat(message()).as(message).doesNotContain("'xyzzy'");
        }
        screen(
                KEEP,
                Map.of(
                        "error_severity",
                        "NOTICE",
                        "context",
                        "PL/pgSQL function f() line 1 at RAISE",
                        "message",
                        "AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>"));
        assertThat(extra()).as("a function can make the server say anything").isEmpty();
    }

    @Test
    void keysThatAreNotKnownStayBesideTheColumns() {
        fields.reset(Table.POSTGRES_LOG);
        byte[] others = "{\"new\":1}".getBytes(StandardCharsets.UTF_8);
        fields.setText(Table.POSTGRES_LOG.column("error_severity"), "LOG");
        fields.setText(Table.POSTGRES_LOG.column("message"), "AUDIT: SESSION,1,1,MISC,SET,,,set a = 1,<not logged>");
        fields.setJson(Table.POSTGRES_LOG.column(Table.EXTRA), others, 0, others.length);
        new RecordScreen(RedactionPolicy.ALL).screen(fields);
        assertThat(extra()).startsWith("{\"audit\":{\"audit_type\":\"SESSION\"").endsWith("},\"new\":1}");
    }

    @Test
    void cutStatementIsRedactedToItsEnd() {
        screen(RedactionPolicy.ALL, "AUDIT: SESSION,1,1,READ,SELECT,,,\"select 'xyzzy, \"\"xyzz");
        assertThat(message()).doesNotContain("xyzz");
        assertThat(extra()).contains("\"class\":\"READ\"");
    }
}
