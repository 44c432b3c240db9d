package org.pgpod.image.bench;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Records as Postgres 15 writes them with {@code log_destination = jsonlog}, 540 bytes each on average: mostly durations of
 * statements with their parameters, and here and there an error or a connection. The same number gives the same record.
 */
final class LogLines {
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS 'UTC'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    private static final int SESSIONS = 64;
    private static final int ONE_IN_ERROR = 50;
    private static final int ONE_IN_CONNECTION = 40;
    private static final int ONE_IN_LITERALS = 5;
    private static final int STATEMENTS = 50;

    private LogLines() {}

    /** A record with its line end. */
    static String line(long number, Instant time) {
        if (number % ONE_IN_ERROR == 0) {
            return record(
                    number,
                    time,
                    "INSERT",
                    "ERROR",
                    "\"state_code\":\"23505\",\"message\":\"duplicate key value violates unique constraint"
                            + " \\\"orders_pkey\\\"\",\"detail\":\"Key (id)=(" + number
                            + ") already exists.\",\"statement\":\"INSERT INTO orders (id, customer, total) VALUES ($1,"
                            + " $2, $3)\"");
        }
        if (number % ONE_IN_CONNECTION == 0) {
            return record(
                    number,
                    time,
                    "authentication",
                    "LOG",
                    "\"message\":\"connection authorized: user=shop database=orders application_name=checkout\"");
        }
        return record(number, time, "SELECT", "LOG", duration(number));
    }

    /** A record with its line end that is told from all others by its severity, {@code WARNING}. */
    static String mark(long number, Instant time) {
        return record(number, time, "SELECT", "WARNING", "\"state_code\":\"01000\",\"message\":\"end of the round\"");
    }

    private static String duration(long number) {
        String millis = String.format(Locale.ROOT, "%d.%03d", number % 37, number * 7 % 1_000);
        if (number % ONE_IN_LITERALS == 0) {
            return "\"message\":\"duration: " + millis + " ms  statement: SELECT total FROM orders WHERE customer = '"
                    + "c-" + number + "' AND placed_at > now() - interval '30 days' LIMIT 20\"";
        }
        return "\"message\":\"duration: " + millis + " ms  execute S_" + number % STATEMENTS
                + ": SELECT o.id, o.total FROM orders_" + number % STATEMENTS
                + " o WHERE o.id = $1 AND o.customer = $2\","
                + "\"detail\":\"parameters: $1 = '" + number + "', $2 = 'c-" + number % 1_000 + "'\"";
    }

    private static String record(long number, Instant time, String ps, String severity, String rest) {
        long session = number % SESSIONS;
        return "{\"timestamp\":\"" + MILLISECONDS.format(time) + "\",\"user\":\"shop\",\"dbname\":\"orders\",\"pid\":"
                + (4_000 + session) + ",\"remote_host\":\"10.0.3.17\",\"remote_port\":" + (40_000 + session)
                + ",\"session_id\":\"6740b1c2." + Long.toHexString(4_000 + session) + "\",\"line_num\":"
                + (number / SESSIONS + 1) + ",\"ps\":\"" + ps + "\",\"session_start\":\""
                + SECONDS.format(time.minusSeconds(3_600 + session)) + "\",\"vxid\":\"" + (3 + session) + "/" + number
                + "\",\"txid\":0,\"error_severity\":\"" + severity + "\"," + rest
                + ",\"application_name\":\"checkout\",\"backend_type\":\"client backend\",\"query_id\":"
                + (number % STATEMENTS * 112_262_283_740_000_017L - 4_000_000_000_000_000_000L) + "}\n";
    }
}
