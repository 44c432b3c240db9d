package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The DETAIL of a record: parameters, keys, rows, the statements of a deadlock. */
final class DetailText {
    private static final List<String> PARAMETERS = List.of("parameters: ", "Parameters: ");
    private static final String PREPARE = "prepare: ";
    private static final String FAILING_ROW = "Failing row contains ";
    private static final String KEY = "Key (";
    private static final String KEY_VALUE = ")=(";
    private static final Pattern KEY_TAIL =
            Pattern.compile("\\) (?:already exists\\.|is duplicated\\.|is not present in table \"[^\"]*\"\\.|"
                    + "is still referenced from table \"[^\"]*\"\\.|is referenced from table \"[^\"]*\"\\.)$");

    /** A line of a deadlock's detail; a statement reaches to the next such line. */
    private static final Pattern PROCESS_STATEMENT = Pattern.compile("(?m)^Process \\d+: ");

    private final RedactionPolicy policy;
    private final StatementText statements;

    DetailText(RedactionPolicy policy, StatementText statements) {
        this.policy = policy;
        this.statements = statements;
    }

    /**
     * @param aboutData whether the record is about values: nothing of an unknown form is kept then
     * @param secretStatement whether the record's statement names a credential
     */
    String redact(String detail, boolean aboutData, boolean secretStatement) {
        for (String prefix : PARAMETERS) {
            if (detail.startsWith(prefix)) {
                return prefix + statements.parameters(detail.substring(prefix.length()), secretStatement);
            }
        }
        if (detail.startsWith(PREPARE)) {
            return PREPARE + statements.of(detail.substring(PREPARE.length())).told();
        }
        if (detail.startsWith("Process ") && PROCESS_STATEMENT.matcher(detail).find()) {
            return deadlock(detail);
        }
        if (!policy.redactsTableData() && !secretStatement) {
            return detail;
        }
        if (detail.startsWith(FAILING_ROW)) {
            return FAILING_ROW + REDACTED + ".";
        }
        if (detail.startsWith(KEY) && detail.contains(KEY_VALUE)) {
            return key(detail);
        }
        return aboutData ? REDACTED : detail;
    }

    private static String key(String detail) {
        int value = detail.indexOf(KEY_VALUE) + KEY_VALUE.length();
        Matcher tail = KEY_TAIL.matcher(detail);
        return detail.substring(0, value) + REDACTED + (tail.find() && tail.start() >= value ? tail.group() : ").");
    }

    private String deadlock(String detail) {
        StringBuilder out = new StringBuilder();
        Matcher heads = PROCESS_STATEMENT.matcher(detail);
        boolean more = heads.find();
        out.append(detail, 0, heads.start());
        while (more) {
            int from = heads.end();
            out.append(detail, heads.start(), from);
            more = heads.find();
            int end = more ? heads.start() - 1 : detail.length();
            out.append(statements.of(detail.substring(from, end)).told());
            if (more) {
                out.append('\n');
            }
        }
        return out.toString();
    }
}
