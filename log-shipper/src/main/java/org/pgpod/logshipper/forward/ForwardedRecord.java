package org.pgpod.logshipper.forward;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgpod.logshipper.model.Table;

/**
 * A record as sinks see it.
 *
 * @param values the values that are not null, in the order of the columns: texts, {@link Long}s, {@link Instant}s, and
 *     {@link Json} documents
 * @param bytes how much room it took in its batch
 */
record ForwardedRecord(Table table, Map<String, Object> values, int bytes) {
    /** A document, as text. */
    record Json(String text) {}

    private static final Map<Table, List<String>> IDENTITY = Map.of(
            Table.POSTGRES_LOG, List.of("source_id", "session_id", "line_num"),
            Table.SIDECAR_LOG, List.of("source_id", "instance", "line"),
            Table.POSTGRES_STDERR, List.of("source_id", "file_number", "position"),
            Table.DEAD_LETTER, List.of("source_id", "stream", "file_number", "position"));

    ForwardedRecord {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The same for the same record, however often it is sent; different for all others. */
    String id() {
        return Stream.concat(
                        Stream.of(table.sqlName()),
                        IDENTITY.getOrDefault(table, List.of()).stream().map(this::text))
                .collect(Collectors.joining("/"));
    }

    Instant time() {
        return (Instant) values.getOrDefault("log_time", Instant.EPOCH);
    }

    /** The value as text; empty if there is none. */
    String text(String column) {
        Object value = values.get(column);
        return value instanceof Json json ? json.text() : value == null ? "" : value.toString();
    }

    /** How bad it is, in the words of who wrote it; empty if nobody said. */
    String severity() {
        return switch (table) {
            case POSTGRES_LOG -> text("error_severity");
            case SIDECAR_LOG -> text("level");
            default -> "";
        };
    }

    /** What a person reads first. */
    String body() {
        return switch (table) {
            case POSTGRES_LOG, SIDECAR_LOG -> text("message");
            case POSTGRES_STDERR -> text("line");
            case DEAD_LETTER -> text("reason");
        };
    }
}
