package org.pgpod.logshipper.parse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgpod.logshipper.model.Column;
import org.pgpod.logshipper.model.RecordFields;

/** Reads the binary values of a row back, for comparison. */
final class Values {
    private Values() {}

    static Map<String, Object> of(RecordFields fields) {
        Map<String, Object> values = new LinkedHashMap<>();
        List<Column> columns = fields.table().columns();
        for (int i = 0; i < columns.size(); i++) {
            if (!fields.isNull(i)) {
                ByteBuffer bytes = ByteBuffer.wrap(fields.bytes(), fields.start(i), fields.length(i));
                values.put(
                        columns.get(i).name(),
                        switch (columns.get(i).kind()) {
                            case TEXT -> StandardCharsets.UTF_8.decode(bytes).toString();
                            case INTEGER -> bytes.getInt();
                            case BIGINT -> bytes.getLong();
                            case TIMESTAMP -> fields.time(i);
                            case JSONB ->
                                StandardCharsets.UTF_8
                                        .decode(bytes.position(bytes.position() + 1))
                                        .toString();
                            case BYTES -> bytes.remaining();
                        });
            }
        }
        return values;
    }
}
