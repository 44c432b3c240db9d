package org.pgpod.haagent.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a postgresql.conf that holds one {@code name = 'value'} a line. What is written is read back equal. */
public final class ParameterFile {
    private static final Pattern LINE = Pattern.compile("([a-z][a-zA-Z0-9_.]*) = '(.*)'");
    private static final String HEADING = "# Written by ha-agent; changes are lost.\n";

    private ParameterFile() {}

    public static String format(Map<String, String> parameters) {
        StringBuilder text = new StringBuilder(HEADING);
        parameters.forEach((name, value) -> text.append(name)
                .append(" = '")
                .append(value.replace("\\", "\\\\").replace("'", "''"))
                .append("'\n"));
        return text.toString();
    }

    /** The parameters of a text that {@link #format} made; other lines are passed over. */
    public static Map<String, String> parse(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                parameters.put(
                        matcher.group(1), matcher.group(2).replace("''", "'").replace("\\\\", "\\"));
            }
        }
        return parameters;
    }
}
