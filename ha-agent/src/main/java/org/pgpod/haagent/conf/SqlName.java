package org.pgpod.haagent.conf;

/** Names of roles and databases that are written into SQL: one word, at most 63 bytes, always quoted. */
public final class SqlName {
    private static final String FORM = "[A-Za-z_][A-Za-z0-9_-]{0,62}";

    private SqlName() {}

    static String checked(String name) {
        if (!name.matches(FORM)) {
            throw new IllegalArgumentException("'" + name + "' is no name of letters, digits, _ and -, at most 63");
        }
        return name;
    }

    /** Whether Postgres or pgpod makes the role of that name itself. */
    static boolean isReserved(String role) {
        return role.startsWith("pg_") || role.startsWith("pgpod_") || role.equals("postgres") || role.equals("public");
    }

    /** As an identifier of SQL. */
    public static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
