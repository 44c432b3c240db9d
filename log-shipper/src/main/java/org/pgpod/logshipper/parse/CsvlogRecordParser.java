package org.pgpod.logshipper.parse;

import org.pgpod.logshipper.model.Column;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;

/**
 * Reads a record of csvlog of 13 (24 columns) or of 14 to 18 (26) into the columns that jsonlog fills, with the values that
 * jsonlog would have: an empty application name and the state {@code 00000} are null, an address is host and port, a
 * location is function, file and line.
 *
 * <p>Of a truncated record it keeps the columns before the cut, and the text that the cut stands in.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-logging.html">Using CSV-Format Log Output</a>
 */
public final class CsvlogRecordParser implements RecordParser {
    /** What stands for no error. */
    static final String NO_STATE = "00000";

    private static final int TIME_LENGTH_MAX = 64;

    /** The columns of a record in order: the store's column, or one of those that are split. */
    private static final String[] ORDER = {
        "log_time",
        "user_name",
        "database_name",
        "pid",
        "connection_from",
        "session_id",
        "line_num",
        "ps",
        "session_start",
        "vxid",
        "txid",
        "error_severity",
        "state_code",
        "message",
        "detail",
        "hint",
        "internal_query",
        "internal_position",
        "context",
        "statement",
        "cursor_position",
        "location",
        "application_name",
        "backend_type",
        "leader_pid",
        "query_id"
    };

    private final LogTime time;
    private final int[] columns = new int[ORDER.length];
    private final Place[] places = new Place[ORDER.length];
    private final int timeColumn = Table.POSTGRES_LOG.column("log_time");
    private final int truncatedColumn = Table.POSTGRES_LOG.column(Table.TRUNCATED);
    private final int remoteHost = Table.POSTGRES_LOG.column("remote_host");
    private final int remotePort = Table.POSTGRES_LOG.column("remote_port");
    private final int functionName = Table.POSTGRES_LOG.column("func_name");
    private final int fileName = Table.POSTGRES_LOG.column("file_name");
    private final int fileLine = Table.POSTGRES_LOG.column("file_line_num");
    private final char[] timeText = new char[TIME_LENGTH_MAX];
    private byte[] unquoted = new byte[0];
    private boolean wellFormed;

    public CsvlogRecordParser(LogTime time) {
        this.time = time;
        for (int i = 0; i < ORDER.length; i++) {
            places[i] = Place.of(ORDER[i]);
            columns[i] = places[i] == Place.ADDRESS || places[i] == Place.LOCATION
                    ? -1
                    : Table.POSTGRES_LOG.column(ORDER[i]);
        }
    }

    /** What becomes of a column of a record. */
    private enum Place {
        AS_IT_IS,
        NULL_IF_EMPTY,
        NULL_IF_NO_STATE,
        ADDRESS,
        LOCATION;

        static Place of(String name) {
            return switch (name) {
                case "application_name" -> NULL_IF_EMPTY;
                case "state_code" -> NULL_IF_NO_STATE;
                case "connection_from" -> ADDRESS;
                case "location" -> LOCATION;
                default -> AS_IT_IS;
            };
        }
    }

    @Override
    public Verdict parse(RawRecord raw, RecordFields fields) {
        fields.reset(Table.POSTGRES_LOG);
        byte[] bytes = raw.bytes();
        int to = raw.to();
        if (raw.truncated()) {
            to = Utf8.wholeCharacters(bytes, raw.from(), to);
            fields.setBigint(truncatedColumn, raw.length());
        }
        if (raw.from() == to) {
            return Verdict.BLANK;
        }
        if (!Utf8.validText(bytes, raw.from(), to)) {
            return Verdict.INVALID_UTF8;
        }
        int count = readColumns(bytes, raw.from(), to, raw.truncated(), fields);
        if (!raw.truncated() && (!wellFormed || !CsvlogFramer.columnsOfSomeVersion(count))) {
            return Verdict.INVALID_CSV;
        }
        return fields.isNull(timeColumn) ? Verdict.INVALID_TIME : Verdict.PARSED;
    }

    /** Returns how many columns there are; {@link #wellFormed} says whether each was of its type. */
    private int readColumns(byte[] bytes, int from, int to, boolean cut, RecordFields fields) {
        wellFormed = true;
        int column = 0;
        int at = from;
        while (column < ORDER.length) {
            int end;
            if (at < to && bytes[at] == '"') {
                end = closingQuote(bytes, at + 1, to);
                // Part of a text is worth having, part of an address or of a location is another one.
                if (end < to || columns[column] >= 0) {
                    setQuoted(column, bytes, at + 1, end, fields);
                }
                if (end == to) {
                    wellFormed = false;
                    return column + 1;
                }
                end++;
            } else {
                end = comma(bytes, at, to);
                // A number that the cut stands in is another number.
                if (end > at && !(cut && end == to)) {
                    wellFormed &= set(column, bytes, at, end - at, fields);
                }
            }
            column++;
            if (end == to) {
                return column;
            }
            if (bytes[end] != ',') {
                wellFormed = false;
                return column;
            }
            at = end + 1;
        }
        wellFormed = false;
        return column;
    }

    private static int comma(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != ',') {
            at++;
        }
        return at;
    }

    /** The quote that is not doubled, or {@code to}. */
    private static int closingQuote(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '"') {
                if (at + 1 >= to || bytes[at + 1] != '"') {
                    return at;
                }
                at++;
            }
        }
        return to;
    }

    private void setQuoted(int column, byte[] bytes, int from, int to, RecordFields fields) {
        int first = from;
        while (first < to && bytes[first] != '"') {
            first++;
        }
        if (first == to) {
            wellFormed &= set(column, bytes, from, to - from, fields);
            return;
        }
        if (unquoted.length < to - from) {
            unquoted = new byte[to - from];
        }
        int length = 0;
        for (int at = from; at < to; at++) {
            unquoted[length++] = bytes[at];
            if (bytes[at] == '"') {
                at++;
            }
        }
        wellFormed &= set(column, unquoted, 0, length, fields);
    }

    /** Sets the value of a column; false if it is not of the column's type. */
    private boolean set(int column, byte[] bytes, int from, int length, RecordFields fields) {
        return switch (places[column]) {
            case AS_IT_IS -> setValue(columns[column], bytes, from, length, fields);
            case NULL_IF_EMPTY -> length == 0 || setValue(columns[column], bytes, from, length, fields);
            case NULL_IF_NO_STATE ->
                equal(bytes, from, length, NO_STATE) || setValue(columns[column], bytes, from, length, fields);
            case ADDRESS -> setAddress(bytes, from, length, fields);
            case LOCATION -> setLocation(bytes, from, length, fields);
        };
    }

    private boolean setValue(int column, byte[] bytes, int from, int length, RecordFields fields) {
        Column.Kind kind = Table.POSTGRES_LOG.columns().get(column).kind();
        return switch (kind) {
            case TEXT -> {
                fields.setBytes(column, bytes, from, length);
                yield true;
            }
            case INTEGER, BIGINT -> setNumber(column, kind, Decimal.parse(bytes, from, length), fields);
            case TIMESTAMP -> setTime(column, bytes, from, length, fields);
            case JSONB, BYTES -> throw new IllegalStateException("no column of csvlog is " + kind);
        };
    }

    private static boolean setNumber(int column, Column.Kind kind, long value, RecordFields fields) {
        if (value == Decimal.NONE) {
            return false;
        }
        if (kind == Column.Kind.BIGINT) {
            fields.setBigint(column, value);
            return true;
        }
        boolean fits = (int) value == value;
        if (fits) {
            fields.setInteger(column, (int) value);
        }
        return fits;
    }

    private boolean setTime(int column, byte[] bytes, int from, int length, RecordFields fields) {
        if (length > TIME_LENGTH_MAX) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            timeText[i] = (char) (bytes[from + i] & 0xff);
        }
        long micros = time.parse(timeText, 0, length);
        if (micros != LogTime.INVALID) {
            fields.setTime(column, micros);
        }
        return true;
    }

    /** {@code host:port}, where the host may be an address with colons, or {@code [local]}. */
    private boolean setAddress(byte[] bytes, int from, int length, RecordFields fields) {
        int colon = lastColon(bytes, from, length);
        long port = colon < 0 ? Decimal.NONE : Decimal.parse(bytes, colon + 1, from + length - colon - 1);
        if (port == Decimal.NONE) {
            fields.setBytes(remoteHost, bytes, from, length);
            return true;
        }
        fields.setBytes(remoteHost, bytes, from, colon - from);
        return setNumber(remotePort, Column.Kind.INTEGER, port, fields);
    }

    /** {@code function, file:line} or {@code file:line}. */
    private boolean setLocation(byte[] bytes, int from, int length, RecordFields fields) {
        int colon = lastColon(bytes, from, length);
        long line = colon < 0 ? Decimal.NONE : Decimal.parse(bytes, colon + 1, from + length - colon - 1);
        if (line == Decimal.NONE) {
            return false;
        }
        int file = from;
        int comma = comma(bytes, from, colon);
        if (comma < colon) {
            fields.setBytes(functionName, bytes, from, comma - from);
            file = comma + 1 < colon && bytes[comma + 1] == ' ' ? comma + 2 : comma + 1;
        }
        fields.setBytes(fileName, bytes, file, colon - file);
        return setNumber(fileLine, Column.Kind.INTEGER, line, fields);
    }

    private static int lastColon(byte[] bytes, int from, int length) {
        for (int at = from + length - 1; at >= from; at--) {
            if (bytes[at] == ':') {
                return at;
            }
        }
        return -1;
    }

    private static boolean equal(byte[] bytes, int from, int length, String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
