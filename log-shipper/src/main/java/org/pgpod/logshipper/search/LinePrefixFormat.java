package org.pgpod.logshipper.search;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Postgres's {@code log_line_prefix}, filled from records of the store. Times are in UTC, and {@code %l} is the number of the
 * record: in what Postgres writes to standard error each line of a record has a number of its own.
 */
public final class LinePrefixFormat {
    /** With milliseconds and the process, user, database, application and host: what pgBadger makes the most of. */
    public static final String DEFAULT = "%m [%p]: user=%u,db=%d,app=%a,client=%h ";

    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS 'UTC'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
    private static final int MILLIS_PER_SECOND = 1_000;
    private static final String UNKNOWN = "[unknown]";

    /** A piece of the prefix. */
    private record Piece(Function<LogRow, String> text, int width) {}

    private final List<Piece> pieces = new ArrayList<>();
    private final List<Piece> ofSessions = new ArrayList<>();

    private LinePrefixFormat() {}

    /** Understands a prefix; an escape that records cannot fill is refused by name. */
    public static LinePrefixFormat parse(String prefix) {
        LinePrefixFormat parsed = new LinePrefixFormat();
        boolean sessionsOnly = false;
        int at = 0;
        while (at < prefix.length()) {
            if (prefix.charAt(at) != '%') {
                int end = prefix.indexOf('%', at) < 0 ? prefix.length() : prefix.indexOf('%', at);
                String literal = prefix.substring(at, end);
                parsed.add(sessionsOnly, row -> literal, 0);
                at = end;
                continue;
            }
            int letter = at + 1;
            while (letter < prefix.length() && (prefix.charAt(letter) == '-' || isDigit(prefix.charAt(letter)))) {
                letter++;
            }
            if (letter == prefix.length()) {
                throw refused(prefix, prefix.substring(at));
            }
            int width = width(prefix, prefix.substring(at + 1, letter));
            if (prefix.charAt(letter) == 'q') {
                sessionsOnly = true;
            } else {
                parsed.add(sessionsOnly, escape(prefix, prefix.charAt(letter)), width);
            }
            at = letter + 1;
        }
        return parsed;
    }

    private void add(boolean sessionsOnly, Function<LogRow, String> text, int width) {
        (sessionsOnly ? ofSessions : pieces).add(new Piece(text, width));
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static int width(String prefix, String text) {
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("-?[1-9][0-9]{0,2}")) {
            throw refused(prefix, "%" + text);
        }
        return Integer.parseInt(text);
    }

    private static IllegalArgumentException refused(String prefix, String escape) {
        return new IllegalArgumentException("the prefix is '" + prefix + "'; '" + escape
                + "' in it must be one of %a %u %d %r %h %b %p %P %t %m %n %i %e %c %l %s %v %x %Q %q %%, with a width"
                + " between -999 and 999 before the letter if one is wanted");
    }

    private static Function<LogRow, String> escape(String prefix, char letter) {
        return switch (letter) {
            case 'a' -> row -> ofSession(row, "application_name");
            case 'u' -> row -> ofSession(row, "user_name");
            case 'd' -> row -> ofSession(row, "database_name");
            case 'r' ->
                row -> row.text("remote_host")
                        + row.value("remote_port").map(port -> "(" + port + ")").orElse("");
            case 'h' -> row -> row.text("remote_host");
            case 'b' -> row -> row.text("backend_type");
            case 'p' -> row -> row.text("pid");
            case 'P' -> row -> row.text("leader_pid");
            case 't' -> row -> SECONDS.format(row.time());
            case 'm' -> row -> MILLISECONDS.format(row.time());
            case 'n' -> row -> epoch(row.time());
            case 'i' -> row -> row.text("ps");
            case 'e' -> row -> row.text("state_code");
            case 'c' -> row -> row.text("session_id");
            case 'l' -> row -> row.text("line_num");
            case 's' ->
                row -> row.value("session_start")
                        .map(start -> SECONDS.format(JsonFormat.storedTime(start)))
                        .orElse("");
            case 'v' -> row -> row.text("vxid");
            case 'x' -> row -> row.value("txid").orElse("0");
            case 'Q' -> row -> row.value("query_id").orElse("0");
            case '%' -> row -> "%";
            default -> throw refused(prefix, "%" + letter);
        };
    }

    private static String epoch(Instant time) {
        return String.format("%d.%03d", time.getEpochSecond(), time.toEpochMilli() % MILLIS_PER_SECOND);
    }

    /** Postgres shows what a session has not said yet as unknown, and nothing at all for a process of its own. */
    private static String ofSession(LogRow row, String column) {
        return row.value(column).filter(value -> !value.isEmpty()).orElse(isSession(row) ? UNKNOWN : "");
    }

    private static boolean isSession(LogRow row) {
        return row.value("remote_host").isPresent()
                || row.value("user_name").isPresent()
                || row.text("backend_type").equals("client backend");
    }

    /** The prefix of a record's lines. */
    String of(LogRow row) {
        StringBuilder text = new StringBuilder();
        append(text, pieces, row);
        if (isSession(row)) {
            append(text, ofSessions, row);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, List<Piece> pieces, LogRow row) {
        for (Piece piece : pieces) {
            String value = piece.text().apply(row);
            String padding = " ".repeat(Math.max(0, Math.abs(piece.width()) - value.length()));
            text.append(piece.width() > 0 ? padding : "").append(value).append(piece.width() < 0 ? padding : "");
        }
    }
}
