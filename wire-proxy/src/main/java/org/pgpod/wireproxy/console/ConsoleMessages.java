package org.pgpod.wireproxy.console;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The messages that the admin database answers with, see the manual's chapter "Message Formats". */
public final class ConsoleMessages {
    /** What PgBouncer gives every error of its console. */
    public static final String ERROR_STATE = "08P01";

    /** What drivers want to know before they ask for anything. */
    public static final Map<String, String> SETTINGS = Map.of(
            "server_version", "1.18.0/pgpod",
            "client_encoding", "UTF8",
            "server_encoding", "UTF8",
            "DateStyle", "ISO",
            "TimeZone", "GMT",
            "standard_conforming_strings", "on",
            "is_superuser", "on");

    private static final short VARIABLE_SIZE = -1;
    private static final int NO_MODIFIER = -1;
    private static final int FOUR_BYTES = 4;

    private ConsoleMessages() {}

    /** The whole answer to a SHOW but for ReadyForQuery. */
    public static ByteBuf table(ByteBufAllocator allocator, Table table) {
        ByteBuf out = allocator.buffer();
        rowDescription(out, table.columns());
        table.rows().forEach(row -> dataRow(out, row));
        return complete(out, "SHOW");
    }

    private static void rowDescription(ByteBuf out, List<Table.Column> columns) {
        int from = begin(out, 'T');
        out.writeShort(columns.size());
        for (Table.Column column : columns) {
            text(out, column.name());
            out.writeInt(0).writeShort(0).writeInt(column.type().oid());
            out.writeShort(column.type() == Table.Type.INTEGER ? FOUR_BYTES : VARIABLE_SIZE)
                    .writeInt(NO_MODIFIER)
                    .writeShort(0);
        }
        end(out, from);
    }

    private static void dataRow(ByteBuf out, List<String> row) {
        int from = begin(out, 'D');
        out.writeShort(row.size());
        for (String value : row) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            out.writeInt(bytes.length).writeBytes(bytes);
        }
        end(out, from);
    }

    /** A command that has no rows is complete. */
    public static ByteBuf complete(ByteBufAllocator allocator, String tag) {
        return complete(allocator.buffer(), tag);
    }

    private static ByteBuf complete(ByteBuf out, String tag) {
        int from = begin(out, 'C');
        text(out, tag);
        end(out, from);
        return out;
    }

    /** An error after which the console goes on. */
    public static ByteBuf error(ByteBufAllocator allocator, String message) {
        return fields(allocator, 'E', "SERROR", "VERROR", "C" + ERROR_STATE, "M" + message);
    }

    /** The usage, as PgBouncer tells it: a notice, and no rows. */
    public static ByteBuf usage(ByteBufAllocator allocator) {
        String detail = "\n\t" + String.join("\n\t", Command.usage());
        return complete(fields(allocator, 'N', "SNOTICE", "VNOTICE", "C00000", "MConsole usage", "D" + detail), "SHOW");
    }

    /** The console waits for a command. */
    public static ByteBuf ready(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer();
        int from = begin(out, 'Z');
        out.writeByte('I');
        end(out, from);
        return out;
    }

    private static ByteBuf fields(ByteBufAllocator allocator, char type, String... fields) {
        ByteBuf out = allocator.buffer();
        int from = begin(out, type);
        for (String field : fields) {
            text(out, field);
        }
        out.writeByte(0);
        end(out, from);
        return out;
    }

    private static int begin(ByteBuf out, char type) {
        out.writeByte(type).writeInt(0);
        return out.writerIndex();
    }

    private static void end(ByteBuf out, int from) {
        out.setInt(from - Integer.BYTES, out.writerIndex() - from + Integer.BYTES);
    }

    private static void text(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
    }
}
