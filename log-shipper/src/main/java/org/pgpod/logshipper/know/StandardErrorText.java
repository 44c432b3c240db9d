package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines of standard error that may be pieces of the server's records: behind a severity or a field's name they are treated
 * as the field, with the lines that continue it. Such lines without a field are left out; other lines stay as they are. As
 * a field does not know the record's statement, parameters, rows and tokens are left out whatever the policy.
 */
final class StandardErrorText {
    private static final Pattern FIELD =
            Pattern.compile("(.*?(?:^|\\s))(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|"
                    + "PANIC|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION):  (.*)");
    private static final String DURATION = "duration: ";
    private static final String PLAN = "  plan:\n";
    private static final List<String> STATEMENTS = List.of(DURATION, "statement: ", "execute ");

    /** How the server's own messages about itself begin, which hold no values. */
    private static final List<String> OF_THE_SERVER = List.of(
            "aborting any active transactions",
            "all server processes terminated",
            "background worker ",
            "database system ",
            "ending log output to ",
            "listening on ",
            "received ",
            "redirecting log output to ",
            "server process ",
            "shutting down",
            "starting PostgreSQL ",
            "terminating any other active server processes");

    private static final String TOKEN = " at or near \"";
    private static final String TAB = "\t";

    private final RedactionPolicy policy;
    private final StatementText statements;
    private final ContextText contexts;
    private final DetailText details;

    StandardErrorText(RedactionPolicy policy, StatementText statements, ContextText contexts, DetailText details) {
        this.policy = policy;
        this.statements = statements;
        this.contexts = contexts;
        this.details = details;
    }

    /** Redacts a line, or the lines of a record as they stand in the file. */
    String redact(String text) {
        if (text.indexOf('\n') < 0) {
            return piece(text, "");
        }
        StringJoiner redacted = new StringJoiner("\n");
        String[] lines = text.split("\n", -1);
        int first = 0;
        while (first < lines.length) {
            int next = first + 1;
            StringBuilder continued = new StringBuilder();
            while (next < lines.length && lines[next].startsWith(TAB)) {
                continued.append('\n').append(lines[next].substring(TAB.length()));
                next++;
            }
            redacted.add(piece(lines[first], continued.toString()));
            first = next;
        }
        return redacted.toString();
    }

    /**
     * Redacts one field of a record.
     *
     * @param continued the field's further lines, each behind a line end and without its tab
     */
    private String piece(String line, String continued) {
        Matcher matcher = FIELD.matcher(line);
        if (line.startsWith(TAB) || !matcher.matches()) {
            // What belongs to no field may begin inside a literal: it cannot be understood by itself.
            String kept = line.startsWith(TAB) && redactsAny() ? TAB + REDACTED : line;
            return kept + (continued.isEmpty() || !redactsAny() ? tabbed(continued) : "\n" + TAB + REDACTED);
        }
        String head = matcher.group(1) + matcher.group(2) + ":  ";
        String text = matcher.group(3) + continued;
        return head
                + tabbed(
                        switch (matcher.group(2)) {
                            case "STATEMENT", "QUERY" -> statements.of(text).told();
                            // The statement stands in another field: it may be one that names a credential.
                            case "DETAIL" -> details.redact(text, true, true);
                            case "CONTEXT" -> contexts.redact(text, true);
                            case "LOCATION", "FATAL", "PANIC" -> text;
                            default -> message(text);
                        });
    }

    private static String tabbed(String text) {
        return text.replace("\n", "\n" + TAB);
    }

    /** A message whose author is not known: a function may have raised it. */
    private String message(String text) {
        int plan = text.startsWith(DURATION) ? text.indexOf(PLAN) : -1;
        if (plan >= 0 && text.indexOf('\n') > plan) {
            return redactsAny() ? text.substring(0, plan) + PLAN + REDACTED : text;
        }
        int statement = STATEMENTS.stream().anyMatch(text::startsWith)
                ? text.indexOf(": ", text.startsWith(DURATION) ? DURATION.length() : 0)
                : -1;
        if (statement >= 0) {
            String head = text.substring(0, statement + 2);
            return head + statements.of(text.substring(statement + 2)).told();
        }
        if (text.contains(TOKEN)) {
            return MessageText.quotedValues(text, false);
        }
        return !policy.redactsTableData() || OF_THE_SERVER.stream().anyMatch(text::startsWith) ? text : REDACTED;
    }

    private boolean redactsAny() {
        return policy.redactsLiterals() || policy.redactsParameters() || policy.redactsTableData();
    }
}
