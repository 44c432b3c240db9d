package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import java.util.Set;
import java.util.regex.Pattern;

/** The messages of records that hold no statement: values in quotes, tokens of statements, audit records. */
final class MessageText {
    /** A name, not a value, stands in quotes after these. */
    private static final Pattern NAMED =
            Pattern.compile("(?:^|[\\s(])(?:encoding|column|relation|table|constraint|domain|"
                    + "type|parameter|sequence|index|view|function|schema|database|role|user|enum|trigger|of|violates|"
                    + "not-null|field|collation|extension|policy|language|operator|aggregate|partition|slot|"
                    + "subscription|publication|server|property|attribute) $");

    private static final String AUDIT = "AUDIT: ";

    /** The fields of an audit record before its statement. */
    private static final int AUDIT_FIELDS = 7;

    private static final Set<String> DATA_CLASSES = Set.of("21", "22", "23", "2F", "38", "39", "44", "P0");
    private static final Set<String> SYNTAX_STATES = Set.of("42601", "42000", "42622", "42602");
    private static final int CLASS_LENGTH = 2;

    private final RedactionPolicy policy;
    private final StatementText statements;

    MessageText(RedactionPolicy policy, StatementText statements) {
        this.policy = policy;
        this.statements = statements;
    }

    /** Whether records with this SQLSTATE are about values. */
    static boolean aboutData(String state) {
        return state.length() > CLASS_LENGTH && DATA_CLASSES.contains(state.substring(0, CLASS_LENGTH));
    }

    /** Whether the SQLSTATE is that of an exception that a function raises with a message of its own. */
    static boolean raised(String state) {
        return state.equals("P0001") || state.equals("P0004");
    }

    /** A message that is not one of the forms that hold a whole statement. */
    String redact(String message, String state, boolean recognised, boolean secretStatement) {
        if (message.startsWith(AUDIT)) {
            int statement = auditStatement(message);
            return policy.redactsLiterals() || secretStatement
                    ? message.substring(0, statement) + auditTail(message.substring(statement))
                    : message;
        }
        if (SYNTAX_STATES.contains(state)) {
            return policy.redactsLiterals() || secretStatement ? quotedValues(message, false) : message;
        }
        if (aboutData(state) || secretStatement) {
            return policy.redactsTableData() || secretStatement ? quotedValues(message, !secretStatement) : message;
        }
        boolean told = recognised || !(state.isEmpty() || state.startsWith("00") || state.startsWith("01"));
        return told || !policy.redactsLiterals() ? message : quotedStrings(message);
    }

    /** Of a message of an unknown form everything between single quotes may be a literal. */
    private static String quotedStrings(String message) {
        int open = message.indexOf('\'');
        int close = message.lastIndexOf('\'');
        if (open < 0) {
            return message;
        }
        return message.substring(0, open + 1) + REDACTED + (close > open ? message.substring(close) : "'");
    }

    /** Leaves out everything from the first value in quotes to the last quote, for a value may hold quotes itself. */
    static String quotedValues(String message, boolean namesStay) {
        int open = message.indexOf('"');
        while (open >= 0
                && namesStay
                && NAMED.matcher(message.substring(0, open)).find()) {
            int close = message.indexOf('"', open + 1);
            open = close < 0 ? -1 : message.indexOf('"', close + 1);
        }
        int bytes = message.indexOf(": 0x");
        if (open < 0) {
            return bytes < 0 ? message : message.substring(0, bytes) + ": " + REDACTED;
        }
        int close = message.lastIndexOf('"');
        return message.substring(0, open + 1) + REDACTED + (close > open ? message.substring(close) : "\"");
    }

    /** Where the statement of an audit record begins: behind the seventh comma that is not in quotes. */
    private static int auditStatement(String message) {
        int fields = 0;
        boolean quoted = false;
        for (int at = 0; at < message.length(); at++) {
            quoted ^= message.charAt(at) == '"';
            if (message.charAt(at) == ',' && !quoted && ++fields == AUDIT_FIELDS) {
                return at + 1;
            }
        }
        return AUDIT.length();
    }

    /** The statement and the parameters of an audit record, as CSV. */
    private String auditTail(String tail) {
        boolean quoted = tail.startsWith("\"");
        int end = quoted ? closingQuote(tail) : tail.indexOf(',');
        if (end < 0) {
            return statements.of(tail.replace("\"\"", "\"")).told();
        }
        String sql = quoted ? tail.substring(1, end).replace("\"\"", "\"") : tail.substring(0, end);
        String rest = tail.substring(quoted ? end + 1 : end);
        boolean known = sql.startsWith("<");
        boolean noParameters = rest.startsWith(",<");
        return (known ? sql : "\"" + statements.of(sql).told().replace("\"", "\"\"") + "\"")
                + (rest.isEmpty() || noParameters ? rest : "," + statements.parameters(rest.substring(1), false));
    }

    private static int closingQuote(String text) {
        for (int at = 1; at < text.length(); at++) {
            if (text.charAt(at) == '"') {
                if (at + 1 >= text.length() || text.charAt(at + 1) != '"') {
                    return at;
                }
                at++;
            }
        }
        return -1;
    }
}
