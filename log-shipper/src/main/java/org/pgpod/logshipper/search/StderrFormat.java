package org.pgpod.logshipper.search;

import java.io.IOException;
import java.util.Optional;

/** Records of Postgres as it writes them to standard error with {@code log_error_verbosity = default}. */
public final class StderrFormat implements RowFormat {
    private final LinePrefixFormat prefix;

    public StderrFormat(LinePrefixFormat prefix) {
        this.prefix = prefix;
    }

    @Override
    public void write(LogRow row, Appendable out) throws IOException {
        String begin = prefix.of(row);
        String message = row.value("message").orElse("missing error text");
        line(out, begin, row.text("error_severity"), message + position(row));
        part(out, begin, row, "DETAIL", "detail");
        part(out, begin, row, "HINT", "hint");
        part(out, begin, row, "QUERY", "internal_query");
        part(out, begin, row, "CONTEXT", "context");
        part(out, begin, row, "STATEMENT", "statement");
    }

    private static String position(LogRow row) {
        Optional<String> at = row.value("cursor_position").or(() -> row.value("internal_position"));
        return at.map(character -> " at character " + character).orElse("");
    }

    private static void part(Appendable out, String begin, LogRow row, String label, String column) throws IOException {
        if (row.value(column).isPresent()) {
            line(out, begin, label, row.text(column));
        }
    }

    private static void line(Appendable out, String begin, String label, String text) throws IOException {
        out.append(begin)
                .append(label)
                .append(":  ")
                .append(text.replace("\n", "\n\t"))
                .append('\n');
    }
}
