package org.pgpod.exporter.collect;

import java.sql.SQLException;
import java.util.Set;

/** Tells a broken session from a query that failed. Source: Postgres manual, appendix A. */
public final class SessionFailure {
    /** The class of errors of a connection itself. */
    private static final String CONNECTION_CLASS = "08";

    /** admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout. */
    private static final Set<String> ENDED = Set.of("57P01", "57P02", "57P03", "57P04", "57P05");

    static final String INVALID_PASSWORD = "28P01";

    private SessionFailure() {}

    /** Whether the session is of no more use after this error. */
    public static boolean endsSession(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || state.startsWith(CONNECTION_CLASS) || ENDED.contains(state);
    }

    /** One line for people, which never holds a password. */
    public static String describe(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : " (SQLSTATE " + failure.getSQLState() + ")";
        String message = failure.getMessage() == null ? "no message" : failure.getMessage();
        return message.lines().findFirst().orElse("").strip() + state;
    }
}
