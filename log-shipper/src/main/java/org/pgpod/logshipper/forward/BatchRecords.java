package org.pgpod.logshipper.forward;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pgpod.logshipper.forward.ForwardedRecord.Json;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.Column.Kind;
import org.pgpod.logshipper.model.RowBuffer;
import org.pgpod.logshipper.model.Table;

/** Reads the rows of a batch, which are in the binary form of COPY. */
final class BatchRecords {
    /** Where Postgres's timestamps begin. */
    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private static final String SOURCE_ID = "source_id";

    private BatchRecords() {}

    /** Every record, table by table, in the order in which they were read. */
    static List<ForwardedRecord> of(Batch batch) {
        List<ForwardedRecord> records = new ArrayList<>();
        for (Table table : Table.values()) {
            RowBuffer rows = batch.rows(table);
            ByteBuffer bytes = ByteBuffer.wrap(rows.toBytes());
            for (int row = 0; row < rows.rows(); row++) {
                records.add(record(table, bytes));
            }
        }
        return records;
    }

    private static ForwardedRecord record(Table table, ByteBuffer bytes) {
        int start = bytes.position();
        bytes.getShort();
        Map<String, Object> values = new LinkedHashMap<>();
        for (String name : Table.IDENTITY) {
            byte[] value = value(bytes);
            if (value.length > 0) {
                values.put(name, name.equals(SOURCE_ID) ? uuid(value) : text(value));
            }
        }
        for (var column : table.columns()) {
            int length = bytes.getInt();
            if (length >= 0) {
                byte[] value = new byte[length];
                bytes.get(value);
                values.put(column.name(), decoded(column.kind(), value));
            }
        }
        return new ForwardedRecord(table, values, bytes.position() - start);
    }

    private static byte[] value(ByteBuffer bytes) {
        byte[] value = new byte[Math.max(0, bytes.getInt())];
        bytes.get(value);
        return value;
    }

    private static Object decoded(Kind kind, byte[] value) {
        return switch (kind) {
            case TEXT -> text(value);
            case INTEGER -> (long) ByteBuffer.wrap(value).getInt();
            case BIGINT -> ByteBuffer.wrap(value).getLong();
            case TIMESTAMP -> POSTGRES_EPOCH.plus(ByteBuffer.wrap(value).getLong(), ChronoUnit.MICROS);
            // The first byte is the version of the form.
            case JSONB -> new Json(new String(value, 1, value.length - 1, StandardCharsets.UTF_8));
            case BYTES -> Base64.getEncoder().encodeToString(value);
        };
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }

    private static String uuid(byte[] value) {
        ByteBuffer halves = ByteBuffer.wrap(value);
        return new UUID(halves.getLong(), halves.getLong()).toString();
    }
}
