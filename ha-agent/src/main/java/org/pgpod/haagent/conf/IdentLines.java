package org.pgpod.haagent.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The text of pg_ident.conf, and what is wrong with an operator's lines of it. */
public final class IdentLines {
    private static final int FIELDS = 3;

    private IdentLines() {}

    public static String text(List<String> lines) {
        StringBuilder text = new StringBuilder("# Written by ha-agent; changes are lost.\n");
        lines.forEach(line -> text.append(line.strip()).append('\n'));
        return text.toString();
    }

    static List<String> problems(List<String> lines) {
        List<String> problems = new ArrayList<>();
        for (int index = 0; index < lines.size(); index++) {
            try {
                check(AccessFields.of(lines.get(index).strip()));
            } catch (IllegalArgumentException wrong) {
                problems.add("postgresql.pg_ident line " + (index + 1) + " is '" + lines.get(index) + "': "
                        + wrong.getMessage());
            }
        }
        return problems;
    }

    private static void check(AccessFields line) {
        if (line.size() != FIELDS) {
            throw new IllegalArgumentException("it must be a map's name, a system user and a Postgres user");
        }
        String user = line.word(1, "the system user");
        if (user.startsWith("/")) {
            try {
                Pattern.compile(user.substring(1));
            } catch (PatternSyntaxException malformed) {
                throw new IllegalArgumentException("'" + user + "' is no regular expression", malformed);
            }
        }
    }
}
