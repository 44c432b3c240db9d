package org.pgpod.wireproxy.console;

import java.util.Arrays;
import java.util.List;

/**
 * An answer of the admin database.
 *
 * @param columns their names and types
 * @param rows one value for each column, as text
 */
public record Table(List<Column> columns, List<List<String>> rows) {
    /** The type of a column, with its number in {@code pg_type}. */
    public enum Type {
        TEXT(25),
        INTEGER(23),
        NUMERIC(1700);

        private final int oid;

        Type(int oid) {
            this.oid = oid;
        }

        public int oid() {
            return oid;
        }
    }

    /** One column. */
    public record Column(String name, Type type) {}

    public Table {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "a row has " + row.size() + " values for " + columns.size() + " columns");
            }
        }
    }

    /** A table whose columns are written as in {@code "name:text port:int4 total:numeric"}, text being the default. */
    static Table of(String columns, List<List<Object>> rows) {
        return new Table(
                Arrays.stream(columns.split(" ", -1)).map(Table::column).toList(),
                rows.stream()
                        .map(row -> row.stream().map(String::valueOf).toList())
                        .toList());
    }

    private static Column column(String written) {
        int colon = written.indexOf(':');
        if (colon < 0) {
            return new Column(written, Type.TEXT);
        }
        Type type = written.endsWith(":numeric") ? Type.NUMERIC : Type.INTEGER;
        return new Column(written.substring(0, colon), type);
    }
}
