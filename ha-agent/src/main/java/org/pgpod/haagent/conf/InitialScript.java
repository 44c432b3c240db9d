package org.pgpod.haagent.conf;

import java.nio.file.Path;

/**
 * SQL that a new cluster runs once, as one line says it: {@code DATABASE=/PATH}.
 *
 * @param path a file, or a directory of which all {@code *.sql} are taken in the order of their names
 */
public record InitialScript(String database, Path path) {
    /** What {@link #parse} takes, for people. */
    public static final String ALLOWED =
            "a list of DATABASE=/PATH, one a line, where the path is that of an SQL file or of a directory of *.sql";

    /** Reads one line; {@link IllegalArgumentException} if it is no such line. */
    static InitialScript parse(String line) {
        int equals = line.indexOf('=');
        Path path = Path.of(line.substring(equals + 1).strip());
        if (equals < 1 || !path.isAbsolute()) {
            throw new IllegalArgumentException("not DATABASE=/PATH");
        }
        return new InitialScript(SqlName.checked(line.substring(0, equals).strip()), path);
    }
}
