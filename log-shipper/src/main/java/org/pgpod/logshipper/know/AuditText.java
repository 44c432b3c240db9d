package org.pgpod.logshipper.know;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Messages of pgAudit: columns in CSV of which the first seven name what was done to which object, and the others are the
 * statement, its parameters and, with {@code pgaudit.log_rows}, how many rows it was about. The statement and the parameters
 * are treated as any others.
 *
 * @see <a href="https://github.com/pgaudit/pgaudit#format">pgAudit, Format</a>
 */
final class AuditText {
    private static final String BEGINNING = "AUDIT: ";
    private static final int STATEMENT = 7;
    private static final int PARAMETERS = 8;
    private static final int ROWS = 9;
    private static final List<String> KEYS =
            List.of("audit_type", "statement_id", "substatement_id", "class", "command", "object_type", "object_name");
    private static final List<Pattern> FORMS = List.of(
            Pattern.compile("SESSION|OBJECT"),
            Pattern.compile("\\d{1,18}"),
            Pattern.compile("\\d{1,18}"),
            Pattern.compile("[A-Z_]{1,30}"),
            Pattern.compile("[A-Z? ]{0,60}"),
            Pattern.compile("[A-Z ]{0,60}"),
            Pattern.compile(".{0,1000}", Pattern.DOTALL));
    private static final Pattern DIGITS = Pattern.compile("\\d{1,18}");

    /** What stands in place of a statement or of parameters. */
    private static final Set<String> NOTHING = Set.of("<none>", "<not logged>", "<previously logged>");

    private final JsonFactory factory = new JsonFactory();
    private final StatementText statements;

    AuditText(StatementText statements) {
        this.statements = statements;
    }

    /**
     * A message as it may be stored.
     *
     * @param message the whole message
     * @param statement the statement in it; null if it was not logged
     * @param fields the columns before the statement as one JSON object; empty if they are not pgAudit's
     */
    record Audit(String message, StatementText.@Nullable Known statement, Optional<String> fields) {}

    static boolean isAudit(String message) {
        return message.startsWith(BEGINNING);
    }

    /**
     * Takes a message apart.
     *
     * @param secretStatement whether the record's own statement names a credential
     */
    Audit of(String message, boolean secretStatement) {
        List<String> columns = columns(message);
        if (!wellFormed(columns)) {
            StatementText.Known rest = statements.of(message.substring(BEGINNING.length()));
            return new Audit(BEGINNING + rest.told(), rest, Optional.empty());
        }
        StringBuilder told = new StringBuilder(BEGINNING).append(String.join(",", columns.subList(0, STATEMENT)));
        String sql = value(columns.get(STATEMENT));
        StatementText.@Nullable Known statement = NOTHING.contains(sql) ? null : statements.of(sql);
        told.append(',')
                .append(
                        statement == null || statement.told().equals(sql)
                                ? columns.get(STATEMENT)
                                : quoted(statement.told()));
        if (columns.size() > PARAMETERS) {
            String parameters = columns.get(PARAMETERS);
            boolean secret = secretStatement || (statement != null && statement.secret());
            told.append(',')
                    .append(NOTHING.contains(parameters) ? parameters : statements.parameters(parameters, secret));
        }
        boolean rows =
                columns.size() > ROWS && DIGITS.matcher(columns.get(ROWS)).matches();
        if (rows) {
            told.append(',').append(columns.get(ROWS));
        }
        return new Audit(told.toString(), statement, Optional.of(json(columns, rows)));
    }

    private static boolean wellFormed(List<String> columns) {
        if (columns.size() <= STATEMENT) {
            return false;
        }
        for (int i = 0; i < STATEMENT; i++) {
            if (!FORMS.get(i).matcher(value(columns.get(i))).matches()) {
                return false;
            }
        }
        return true;
    }

    /** The columns as they stand; the last one may have lost its end. */
    private static List<String> columns(String message) {
        List<String> columns = new ArrayList<>();
        boolean quoted = false;
        int from = BEGINNING.length();
        for (int at = from; at < message.length() && columns.size() <= ROWS; at++) {
            char here = message.charAt(at);
            quoted ^= here == '"';
            if (here == ',' && !quoted) {
                columns.add(message.substring(from, at));
                from = at + 1;
            }
        }
        columns.add(message.substring(from));
        return columns;
    }

    private static String value(String column) {
        if (!column.startsWith("\"")) {
            return column;
        }
        boolean closed = column.length() > 1 && column.endsWith("\"");
        return column.substring(1, column.length() - (closed ? 1 : 0)).replace("\"\"", "\"");
    }

    private static String quoted(String value) {
        return "\"" + value.replace("\"", "\"\"") + "\"";
    }

    private String json(List<String> columns, boolean rows) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.writeStartObject();
            for (int i = 0; i < STATEMENT; i++) {
                String value = value(columns.get(i));
                if (DIGITS.matcher(value).matches()) {
                    json.writeNumberField(KEYS.get(i), Long.parseLong(value));
                } else if (!value.isEmpty()) {
                    json.writeStringField(KEYS.get(i), Credentials.scrub(value));
                }
            }
            if (rows) {
                json.writeNumberField("rows", Long.parseLong(columns.get(ROWS)));
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toString(java.nio.charset.StandardCharsets.UTF_8);
    }
}
