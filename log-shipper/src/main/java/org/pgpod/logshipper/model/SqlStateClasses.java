package org.pgpod.logshipper.model;

import java.util.List;

/**
 * The classes of SQLSTATEs that Postgres has; a function can raise any other, which all count as one.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error Codes</a>
 */
public final class SqlStateClasses {
    /** The class of a SQLSTATE that is in none of the list. */
    public static final String OTHER = "other";

    /** All, with {@link #OTHER} at the end. */
    public static final List<String> ALL = List.of(
            "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "20", "21", "22", "23", "24", "25", "26",
            "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "44", "53", "54", "55", "57",
            "58", "72", "F0", "HV", "P0", "XX", OTHER);

    private static final int CLASS_LENGTH = 2;

    private SqlStateClasses() {}

    /** The place of a SQLSTATE's class in {@link #ALL}; -1 for success and for none. */
    public static int index(RecordFields fields, int column) {
        if (fields.length(column) < CLASS_LENGTH) {
            return -1;
        }
        byte first = fields.bytes()[fields.start(column)];
        byte second = fields.bytes()[fields.start(column) + 1];
        if (first == '0' && second == '0') {
            return -1;
        }
        for (int i = 0; i < ALL.size() - 1; i++) {
            if (ALL.get(i).charAt(0) == first && ALL.get(i).charAt(1) == second) {
                return i;
            }
        }
        return ALL.size() - 1;
    }
}
