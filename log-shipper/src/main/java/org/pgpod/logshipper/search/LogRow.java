package org.pgpod.logshipper.search;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.pgpod.logshipper.model.Table;

/**
 * A record of the store.
 *
 * @param values the values that are not null, as Postgres shows them, by the names of the columns
 */
public record LogRow(Table table, Instant time, Map<String, String> values) {
    public LogRow {
        values = Map.copyOf(values);
    }

    Optional<String> value(String column) {
        return Optional.ofNullable(values.get(column));
    }

    /** The value, or an empty text. */
    String text(String column) {
        return values.getOrDefault(column, "");
    }

    /** What tells the record from all others of its table. */
    String identity() {
        StringBuilder identity = new StringBuilder(table.sqlName());
        for (String column : SearchedTable.of(table).identity()) {
            identity.append(' ').append(text(column));
        }
        return identity.toString();
    }
}
