package org.pgpod.haagent.act;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What went wrong with SQL, in one line: the place in the text, the server's message, the SQLSTATE. */
final class SqlFailure {
    private SqlFailure() {}

    static String describe(Exception failed, String text) {
        ServerErrorMessage server = failed instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        if (server == null) {
            return oneLine(String.valueOf(failed.getMessage()));
        }
        String line =
                server.getPosition() > 0 && !text.isEmpty() ? "line " + lineOf(server.getPosition(), text) + ": " : "";
        return line + oneLine(String.valueOf(server.getMessage())) + " (" + ((SQLException) failed).getSQLState() + ")";
    }

    /** Postgres counts characters from one. */
    static long lineOf(int position, String text) {
        return 1
                + text.codePoints()
                        .limit(position - 1L)
                        .filter(point -> point == '\n')
                        .count();
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ").strip();
    }
}
