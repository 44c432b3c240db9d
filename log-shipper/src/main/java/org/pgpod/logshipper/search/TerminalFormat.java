package org.pgpod.logshipper.search;

import java.io.IOException;
import java.util.Locale;

/**
 * Records for people: one line with time, pod, severity and who it was, and indented lines for whatever else there is to
 * know. Control characters are shown as {@code \x1b}, so that a log line cannot direct the terminal.
 */
public final class TerminalFormat implements RowFormat {
    private static final String INDENT = "    ";
    private static final String SUCCESSFUL_COMPLETION = "00000";

    @Override
    public void write(LogRow row, Appendable out) throws IOException {
        out.append(row.time().toString())
                .append(' ')
                .append(shown(row.text("pod")))
                .append(' ');
        switch (row.table()) {
            case POSTGRES_LOG -> postgres(row, out);
            case SIDECAR_LOG -> sidecar(row, out);
            default -> out.append("stderr  ").append(shown(row.text("line"))).append('\n');
        }
    }

    private static void postgres(LogRow row, Appendable out) throws IOException {
        out.append(shown(row.text("error_severity")));
        if (!row.text("state_code").equals(SUCCESSFUL_COMPLETION)) {
            out.append(' ').append(shown(row.text("state_code")));
        }
        out.append(" [").append(row.text("pid")).append(']');
        if (row.value("user_name").isPresent()) {
            out.append(' ').append(shown(row.text("user_name"))).append('@').append(shown(row.text("database_name")));
        }
        out.append("  ").append(shown(row.text("message"))).append('\n');
        part(row, out, "detail");
        part(row, out, "hint");
        part(row, out, "context");
        part(row, out, "statement");
    }

    private static void sidecar(LogRow row, Appendable out) throws IOException {
        out.append(shown(row.text("level")))
                .append(" [")
                .append(shown(row.text("sidecar")))
                .append("]  ");
        out.append(shown(row.text("message"))).append('\n');
        part(row, out, "exception");
    }

    private static void part(LogRow row, Appendable out, String column) throws IOException {
        if (row.value(column).isPresent()) {
            out.append(INDENT)
                    .append(column.toUpperCase(Locale.ROOT))
                    .append(": ")
                    .append(shown(row.text(column)))
                    .append('\n');
        }
    }

    static String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '\n') {
                shown.append('\n').append(INDENT).append(INDENT);
            } else if (character == '\t' || !isControl(character)) {
                shown.append(character);
            } else {
                shown.append(String.format("\\x%02x", (int) character));
            }
        }
        return shown.toString();
    }

    /** Also what reverses the direction of text. */
    private static boolean isControl(char character) {
        return Character.isISOControl(character)
                || (character >= '\u202a' && character <= '\u202e')
                || (character >= '\u2066' && character <= '\u2069');
    }
}
