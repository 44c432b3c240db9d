package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The CONTEXT of a record, line by line. Only lines of a form that is known to hold no values stay as they are; statements
 * in them are treated as statements, values as table data or parameters, and lines of any other form as table data.
 */
final class ContextText {
    private static final List<String> QUOTED_STATEMENTS =
            List.of("SQL statement \"", "SQL expression \"", "PL/pgSQL expression \"", "PL/pgSQL assignment \"");
    private static final String REMOTE_STATEMENT = "remote SQL command: ";

    /** Names of functions, relations and positions. */
    private static final Pattern HARMLESS = Pattern.compile("(?:PL/pgSQL function |SQL function \"|PL/Perl function |"
            + "PL/Python function |PL/Tcl function |PL/Perl anonymous |PL/Python anonymous |while |parallel worker|"
            + "compilation of PL/pgSQL function |automatic (?:vacuum|analyze) of table |slot \"|"
            + "processing remote data |WAL redo at |parallel query|referenced by |during |"
            + "(?:unnamed portal|portal \"[^\"]*\") parameter \\$\\d+$).*");

    private static final Pattern COPY_VALUE = Pattern.compile("(COPY .{1,300}?, line \\d+)(?:, column .*|: .*)");
    private static final Pattern COPY_LINE = Pattern.compile("COPY .{1,300}?, line \\d+");
    private static final Pattern PARAMETERS = Pattern.compile(
            "((?:unnamed portal|portal \"[^\"]*\"|unnamed statement|statement \"[^\"]*\"|.{0,80})"
                    + "(?: with parameters: | parameter \\$\\d+ = ))(.*)",
            Pattern.DOTALL);
    private static final Pattern END_OF_STATEMENT = Pattern.compile(
            "\"\n(?=PL/|SQL (?:statement|function|expression) |COPY |while |parallel worker|remote SQL command: |unnamed portal)");

    private final RedactionPolicy policy;
    private final StatementText statements;

    ContextText(RedactionPolicy policy, StatementText statements) {
        this.policy = policy;
        this.statements = statements;
    }

    /** Whether the message itself was made by a function of the database: it may hold anything. */
    static boolean madeByFunction(String context) {
        int end = context.indexOf('\n');
        String first = end < 0 ? context : context.substring(0, end);
        return first.endsWith(" at RAISE") || first.endsWith(" at ASSERT");
    }

    String redact(String context, boolean secretStatement) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < context.length()) {
            int end = end(context, at);
            String line = context.substring(at, end);
            out.append(line(line, secretStatement));
            at = end;
            if (at < context.length()) {
                out.append('\n');
                at++;
            }
        }
        return out.toString();
    }

    /** The end of what begins here: a statement may have many lines, and so may parameters. */
    private static int end(String context, int from) {
        for (String prefix : QUOTED_STATEMENTS) {
            if (context.startsWith(prefix, from)) {
                Matcher end = END_OF_STATEMENT.matcher(context);
                return end.find(from + prefix.length()) ? end.start() + 1 : context.length();
            }
        }
        if (context.startsWith(REMOTE_STATEMENT, from)) {
            return context.length();
        }
        int end = context.indexOf('\n', from);
        return end < 0 ? context.length() : end;
    }

    private String line(String line, boolean secretStatement) {
        for (String prefix : QUOTED_STATEMENTS) {
            if (line.startsWith(prefix)) {
                return statements.quoted(line, prefix.length());
            }
        }
        if (line.startsWith(REMOTE_STATEMENT)) {
            return REMOTE_STATEMENT
                    + statements.of(line.substring(REMOTE_STATEMENT.length())).told();
        }
        if (HARMLESS.matcher(line).matches() || COPY_LINE.matcher(line).matches()) {
            return line;
        }
        Matcher parameters = PARAMETERS.matcher(line);
        if (parameters.matches()) {
            return parameters.group(1) + statements.parameters(parameters.group(2), secretStatement);
        }
        if (!policy.redactsTableData() && !secretStatement) {
            return line;
        }
        Matcher copy = COPY_VALUE.matcher(line);
        return copy.matches() ? copy.group(1) + ": " + REDACTED : REDACTED;
    }
}
