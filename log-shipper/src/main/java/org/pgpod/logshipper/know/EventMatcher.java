package org.pgpod.logshipper.know;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.EventMark;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;

/**
 * Finds the event of a record of Postgres. A record with a SQLSTATE is looked up by it; only marks whose message begins with
 * the record's first byte are compared otherwise.
 */
public final class EventMatcher {
    /** What identifies a message stands at its beginning. */
    private static final int LOOKED_AT_BYTES_MAX = 300;

    private static final int STATE_BYTES = 5;
    private static final int STATE_LETTER_BITS = 6;
    private static final long SUCCESS = stateKey("00000".getBytes(StandardCharsets.US_ASCII), 0);

    /** The severities of what the server says of its own accord; a client can make it say anything as NOTICE or INFO. */
    private static final byte[][] OWN_SEVERITIES = {ascii("LOG"), ascii("WARNING"), ascii("FATAL")};

    private final Map<Long, Mark[]> byState = new HashMap<>();
    private final Mark[][] byFirstByte = new Mark[Byte.MAX_VALUE + 1][];
    private final int stateColumn = Table.POSTGRES_LOG.column("state_code");
    private final int severityColumn = Table.POSTGRES_LOG.column("error_severity");
    private final int messageColumn = Table.POSTGRES_LOG.column("message");

    @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of these.
    private record Mark(PostgresEvent event, byte[][] pieces) {}

    public EventMatcher() {
        Arrays.fill(byFirstByte, new Mark[0]);
        for (PostgresEvent event : PostgresEvent.all()) {
            event.marks().forEach(mark -> add(event, mark));
        }
    }

    private void add(PostgresEvent event, EventMark mark) {
        byte[][] pieces = mark.pieces().stream().map(EventMatcher::ascii).toArray(byte[][]::new);
        Mark added = new Mark(event, pieces);
        if (mark.state().isEmpty()) {
            byFirstByte[pieces[0][0]] = with(byFirstByte[pieces[0][0]], added);
        } else {
            byState.merge(
                    stateKey(ascii(mark.state()), 0), new Mark[] {added}, (before, next) -> with(before, next[0]));
        }
    }

    private static Mark[] with(Mark[] before, Mark added) {
        List<Mark> marks = new ArrayList<>(List.of(before));
        marks.add(added);
        return marks.toArray(Mark[]::new);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The event; null for a record that is of none. */
    public @Nullable PostgresEvent match(RecordFields fields) {
        byte[] bytes = fields.bytes();
        if (fields.length(stateColumn) == STATE_BYTES) {
            long key = stateKey(bytes, fields.start(stateColumn));
            if (key != SUCCESS) {
                Mark[] marks = byState.get(key);
                PostgresEvent event = marks == null ? null : first(marks, fields);
                if (event != null) {
                    return event;
                }
            }
        }
        if (fields.length(messageColumn) <= 0 || !ofTheServer(fields)) {
            return null;
        }
        byte first = bytes[fields.start(messageColumn)];
        return first < 0 ? null : first(byFirstByte[first], fields);
    }

    private boolean ofTheServer(RecordFields fields) {
        int from = fields.start(severityColumn);
        int to = from + fields.length(severityColumn);
        for (byte[] severity : OWN_SEVERITIES) {
            if (Arrays.equals(fields.bytes(), from, Math.max(from, to), severity, 0, severity.length)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable PostgresEvent first(Mark[] marks, RecordFields fields) {
        int from = fields.start(messageColumn);
        int to = from + Math.min(LOOKED_AT_BYTES_MAX, Math.max(0, fields.length(messageColumn)));
        for (Mark mark : marks) {
            if (matches(mark.pieces(), fields.bytes(), from, to)) {
                return mark.event();
            }
        }
        return null;
    }

    private static boolean matches(byte[][] pieces, byte[] bytes, int from, int to) {
        int at = from;
        for (int piece = 0; piece < pieces.length; piece++) {
            int found = find(pieces[piece], bytes, at, piece == 0 ? Math.min(to, at + pieces[0].length) : to);
            if (found < 0) {
                return false;
            }
            at = found + pieces[piece].length;
        }
        return true;
    }

    private static int find(byte[] piece, byte[] bytes, int from, int to) {
        for (int at = from; at <= to - piece.length; at++) {
            if (Arrays.equals(bytes, at, at + piece.length, piece, 0, piece.length)) {
                return at;
            }
        }
        return -1;
    }

    private static long stateKey(byte[] bytes, int from) {
        long key = 0;
        for (int at = from; at < from + STATE_BYTES; at++) {
            key = (key << STATE_LETTER_BITS) | ((bytes[at] - '0') & 0x3f);
        }
        return key;
    }
}
