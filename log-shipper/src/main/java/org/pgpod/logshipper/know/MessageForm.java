package org.pgpod.logshipper.know;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.PostgresEvent;

/**
 * A message taken apart.
 *
 * @param event what the message is, once it was looked at closely
 * @param head what Postgres wrote before the statement or plan
 * @param tail the statement or plan; empty for other messages
 * @param durationMicros -1 when it tells none
 */
record MessageForm(@Nullable PostgresEvent event, Kind kind, String head, String tail, long durationMicros) {
    private static final Pattern DURATION = Pattern.compile(
            "duration: (\\d{1,12})(?:\\.(\\d{3}))? ms(?:  (plan:\\s*|(?:statement|fastpath function call|"
                    + "(?:parse|bind|execute|execute fetch from) [^\n]*?): )?(.*))?",
            Pattern.DOTALL);
    private static final Pattern STATEMENT =
            Pattern.compile("((?:statement|execute (?:fetch from )?[^\n]*?): )(.*)", Pattern.DOTALL);
    private static final long MICROS_PER_MILLI = 1_000;

    /** What the tail is. */
    enum Kind {
        STATEMENT,
        PLAN,
        OTHER
    }

    static MessageForm of(@Nullable PostgresEvent event, String message) {
        if (event == PostgresEvent.STATEMENT) {
            Matcher matcher = STATEMENT.matcher(message);
            if (matcher.matches()) {
                return new MessageForm(event, Kind.STATEMENT, matcher.group(1), matcher.group(2), -1);
            }
            return new MessageForm(null, Kind.STATEMENT, "", message, -1);
        } else if (event == PostgresEvent.DURATION || event == PostgresEvent.PLAN) {
            Matcher matcher = DURATION.matcher(message);
            if (matcher.matches()) {
                return timed(message, matcher);
            }
            // Not what it looked like: everything after the first words is taken for a statement.
            return new MessageForm(null, Kind.STATEMENT, "", message, -1);
        }
        return new MessageForm(event, Kind.OTHER, message, "", -1);
    }

    private static MessageForm timed(String message, Matcher matcher) {
        long micros = Long.parseLong(matcher.group(1)) * MICROS_PER_MILLI
                + (matcher.group(2) == null ? 0 : Long.parseLong(matcher.group(2)));
        if (matcher.group(4) == null) {
            return new MessageForm(PostgresEvent.DURATION, Kind.OTHER, message, "", micros);
        }
        boolean plan = matcher.group(3) != null && matcher.group(3).startsWith("plan:");
        return new MessageForm(
                plan ? PostgresEvent.PLAN : PostgresEvent.DURATION,
                plan ? Kind.PLAN : Kind.STATEMENT,
                message.substring(0, matcher.start(4)),
                matcher.group(4),
                micros);
    }
}
