package org.pgpod.logshipper.parse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.RowBuffer;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.model.Table;

/**
 * Writes rows in the binary form of COPY: the number of columns, then each value after its length, -1 for null.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, Binary Format</a>
 */
public final class RowEncoder {
    private final byte[] identity;

    /** An encoder for rows of this source, whose identity begins each row. */
    public RowEncoder(Source source) {
        ByteArrayOutputStream prefix = new ByteArrayOutputStream();
        value(prefix, source.cluster().getBytes(StandardCharsets.UTF_8));
        value(prefix, source.namespace().getBytes(StandardCharsets.UTF_8));
        value(prefix, source.pod().getBytes(StandardCharsets.UTF_8));
        optional(prefix, source.node());
        optional(prefix, source.zone());
        value(prefix, HexFormat.of().parseHex(source.id().replace("-", "")));
        identity = prefix.toByteArray();
    }

    private static void optional(ByteArrayOutputStream row, Optional<String> text) {
        text.ifPresentOrElse(
                known -> value(row, known.getBytes(StandardCharsets.UTF_8)), () -> row.writeBytes(length(-1)));
    }

    private static void value(ByteArrayOutputStream row, byte[] value) {
        row.writeBytes(length(value.length));
        row.writeBytes(value);
    }

    private static byte[] length(int length) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(length).array();
    }

    /** How many bytes the row takes. */
    public int size(RecordFields fields) {
        int columns = fields.table().columns().size();
        int size = Short.BYTES + identity.length + columns * Integer.BYTES;
        for (int column = 0; column < columns; column++) {
            size += Math.max(0, fields.length(column));
        }
        return size;
    }

    /** Appends the row. */
    public void write(RecordFields fields, RowBuffer rows) {
        int columns = fields.table().columns().size();
        rows.writeShort(Table.IDENTITY.size() + columns);
        rows.write(identity, 0, identity.length);
        byte[] bytes = fields.bytes();
        for (int column = 0; column < columns; column++) {
            int length = fields.length(column);
            rows.writeInt(length);
            if (length > 0) {
                rows.write(bytes, fields.start(column), length);
            }
        }
        rows.endRow();
    }
}
