package org.pgpod.logshipper.search;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgpod.logshipper.model.Table;

/**
 * How a table of the store is searched.
 *
 * @param identity the columns that tell its records apart
 * @param texts the columns in which a text is looked for
 */
record SearchedTable(List<String> identity, List<String> texts) {
    private static final Map<Table, SearchedTable> TABLES = Map.of(
            Table.POSTGRES_LOG,
                    new SearchedTable(
                            List.of("source_id", "session_id", "line_num"),
                            List.of("message", "detail", "hint", "context", "statement")),
            Table.SIDECAR_LOG,
                    new SearchedTable(List.of("source_id", "instance", "line"), List.of("message", "exception")),
            Table.POSTGRES_STDERR, new SearchedTable(List.of("source_id", "file_number", "position"), List.of("line")));

    static SearchedTable of(Table table) {
        SearchedTable searched = TABLES.get(table);
        if (searched == null) {
            throw new IllegalArgumentException(table + " is not searched");
        }
        return searched;
    }

    /** The order in which records were written, as far as the store knows it. */
    String order(String direction) {
        return String.join(
                ", ",
                Stream.concat(Stream.of("log_time"), identity.stream())
                        .map(column -> column + " " + direction)
                        .toList());
    }
}
