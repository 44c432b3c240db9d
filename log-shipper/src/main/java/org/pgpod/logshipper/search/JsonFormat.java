package org.pgpod.logshipper.search;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.pgpod.logshipper.model.Column;
import org.pgpod.logshipper.model.Table;

/** One JSON object for each record, on one line. */
public final class JsonFormat implements RowFormat {
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS 'UTC'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    private final boolean asPostgres;

    private JsonFormat(boolean asPostgres) {
        this.asPostgres = asPostgres;
    }

    /** Every column that is not null, under its name in the store, with the stream that the record is of. */
    public static JsonFormat ofStore() {
        return new JsonFormat(false);
    }

    /** The keys and forms of Postgres's jsonlog; what came with the record besides stands behind them. */
    public static JsonFormat jsonlog() {
        return new JsonFormat(true);
    }

    @Override
    public void write(LogRow row, Appendable out) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            if (!asPostgres) {
                json.writeStringField("table", row.table().sqlName());
                for (String column : Table.IDENTITY) {
                    writeText(json, column, row);
                }
            }
            for (Column column : row.table().columns()) {
                write(json, column, row);
            }
            json.writeEndObject();
        }
        out.append(line.getBuffer()).append('\n');
    }

    private void write(JsonGenerator json, Column column, LogRow row) throws IOException {
        String value = row.values().get(column.name());
        boolean ofRecord = !column.key().isEmpty() || column.name().equals(Table.EXTRA);
        if (value == null || (asPostgres && !ofRecord)) {
            return;
        }
        String key = asPostgres ? column.key() : column.name();
        switch (column.kind()) {
            case INTEGER, BIGINT -> json.writeNumberField(key, Long.parseLong(value));
            case TIMESTAMP -> json.writeStringField(key, time(column, row, value));
            case JSONB -> writeExtra(json, key, value);
            case TEXT, BYTES -> json.writeStringField(key, value);
        }
    }

    private static void writeText(JsonGenerator json, String column, LogRow row) throws IOException {
        if (row.value(column).isPresent()) {
            json.writeStringField(column, row.text(column));
        }
    }

    private String time(Column column, LogRow row, String value) {
        boolean ofRow = column.name().equals("log_time");
        Instant time = ofRow ? row.time() : storedTime(value);
        if (!asPostgres) {
            return time.toString();
        }
        return (ofRow ? MILLISECONDS : SECONDS).format(time);
    }

    /** Reads what Postgres shows of a timestamp in UTC. */
    static Instant storedTime(String text) {
        return LogTimes.parse(text.replaceFirst("\\+00$", "Z"), Instant.EPOCH);
    }

    /** An object as it stands, or its members in place. */
    private void writeExtra(JsonGenerator json, String key, String document) throws IOException {
        try (JsonParser members = JSON.createParser(document)) {
            members.nextToken();
            if (asPostgres) {
                while (members.nextToken() == com.fasterxml.jackson.core.JsonToken.FIELD_NAME) {
                    json.copyCurrentStructure(members);
                }
            } else {
                json.writeFieldName(key);
                json.copyCurrentStructure(members);
            }
        }
    }
}
