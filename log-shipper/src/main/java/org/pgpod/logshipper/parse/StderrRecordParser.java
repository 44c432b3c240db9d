package org.pgpod.logshipper.parse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;
import org.pgpod.logshipper.parse.LinePrefix.Kind;
import org.pgpod.logshipper.parse.LinePrefix.Value;

/**
 * Reads a record of Postgres's standard error into the columns that jsonlog fills, as far as the prefix has their values;
 * {@code line_num} counts lines here, as {@code %l} does. What is no record of the server, and every record of a prefix that
 * does not tell which one of which session it is, is taken as it stands.
 */
final class StderrRecordParser implements RecordParser {
    /** What the prefix shows of a session before it is known whose it is. */
    private static final String UNKNOWN = "[unknown]";

    private static final String AT_CHARACTER = " at character ";
    private static final String SEPARATOR = ": ";
    private static final int STATE_LENGTH = 5;
    private static final int HEXADECIMAL = 16;
    private static final long MICROS = 1_000_000;

    private final LinePrefix prefix;
    private final LogTime time;
    private final LineParser lines = new LineParser();
    private final JsonRecordParser jsonlog;
    private final CsvlogRecordParser csvlog;
    private final RecordKey keys;
    private final int truncatedColumn = Table.POSTGRES_LOG.column(Table.TRUNCATED);
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    StderrRecordParser(LinePrefix prefix, LogTime time) {
        this.jsonlog = new JsonRecordParser(Table.POSTGRES_LOG, time);
        this.csvlog = new CsvlogRecordParser(time);
        this.keys = new RecordKey(time);
        this.prefix = prefix;
        this.time = time;
    }

    @Override
    public Verdict parse(RawRecord raw, RecordFields fields) {
        byte[] bytes = raw.bytes();
        int from = raw.from();
        Optional<LogStream> structured = structured(raw);
        if (structured.isPresent()) {
            RecordParser parser = structured.get() == LogStream.CSVLOG ? csvlog : jsonlog;
            Verdict verdict = parser.parse(raw, fields);
            return verdict == Verdict.PARSED ? verdict : lines.parse(raw, fields);
        }
        if (!prefix.identifiesRecords() || prefix.kind(bytes, from, raw.to()) != Kind.HEAD) {
            return lines.parse(raw, fields);
        }
        fields.reset(Table.POSTGRES_LOG);
        int to = raw.to();
        if (raw.truncated()) {
            to = Utf8.wholeCharacters(bytes, from, to);
            fields.setBigint(truncatedColumn, raw.length());
        }
        if (!Utf8.validText(bytes, from, to)) {
            return Verdict.INVALID_UTF8;
        }
        if (!setValues(fields)) {
            return Verdict.INVALID_TIME;
        }
        set(fields, "error_severity", prefix.label());
        Parts parts = new Parts();
        int at = from;
        while (at < to) {
            at = readPart(bytes, at, to, parts);
        }
        parts.set(fields);
        return Verdict.PARSED;
    }

    /** Which process logged the record when, if it is one of the server and the prefix tells both exactly. */
    long key(RawRecord raw) {
        Optional<LogStream> structured = structured(raw);
        if (structured.isPresent()) {
            return keys.read(structured.get(), raw);
        }
        if (prefix.kind(raw.bytes(), raw.from(), raw.to()) != Kind.HEAD || !prefix.identifiesCopies()) {
            return RecordKey.NONE;
        }
        long micros = recordTime();
        return micros == LogTime.INVALID ? RecordKey.NONE : RecordKey.of(pid(), micros);
    }

    /** The format of a record that was written here because its own file was not open. */
    static Optional<LogStream> structured(RawRecord raw) {
        if (JsonlogFramer.beginsAt(raw.bytes(), raw.from(), raw.to())) {
            return Optional.of(LogStream.POSTGRES);
        }
        return CsvHead.match(raw.bytes(), raw.from(), raw.to()) == CsvHead.Match.HEAD
                ? Optional.of(LogStream.CSVLOG)
                : Optional.empty();
    }

    private long pid() {
        String pid = prefix.value(Value.PID);
        String session = prefix.value(Value.SESSION);
        return pid.isEmpty()
                ? Long.parseLong(session, session.indexOf('.') + 1, session.length(), HEXADECIMAL)
                : Long.parseLong(pid);
    }

    /** Takes one labelled text with the lines that continue it; returns where the next begins. */
    private int readPart(byte[] bytes, int from, int to, Parts parts) {
        prefix.kind(bytes, from, to);
        String label = prefix.label();
        text.reset();
        int at = from + prefix.textFrom();
        while (true) {
            int end = Framer.lineEnd(bytes, at, to);
            text.write(bytes, at, end - at);
            boolean continued = end + 1 < to && bytes[end + 1] == '\t';
            if (!continued) {
                parts.add(label, text.toString(StandardCharsets.UTF_8));
                return Math.min(to, end + 1);
            }
            text.write('\n');
            at = end + 2;
        }
    }

    /** Sets what the prefix holds; false if its time cannot be understood. */
    private boolean setValues(RecordFields fields) {
        String session = prefix.value(Value.SESSION);
        set(fields, "session_id", session);
        long micros = recordTime();
        if (micros == LogTime.INVALID) {
            return false;
        }
        fields.setTime(column("log_time"), micros);
        int point = session.indexOf('.');
        fields.setTime(column("session_start"), Long.parseLong(session, 0, point, HEXADECIMAL) * MICROS);
        fields.setInteger(column("pid"), Integer.parseInt(session, point + 1, session.length(), HEXADECIMAL));
        fields.setBigint(column("line_num"), Long.parseLong(prefix.value(Value.LINE)));
        setName(fields, "user_name", prefix.value(Value.USER));
        setName(fields, "database_name", prefix.value(Value.DATABASE));
        setName(fields, "application_name", prefix.value(Value.APPLICATION));
        set(fields, "backend_type", prefix.value(Value.BACKEND_TYPE));
        set(fields, "ps", prefix.value(Value.COMMAND));
        set(fields, "vxid", prefix.value(Value.VIRTUAL_TRANSACTION));
        setState(fields, prefix.value(Value.STATE));
        setNumber(fields, "txid", prefix.value(Value.TRANSACTION));
        setNumber(fields, "query_id", prefix.value(Value.QUERY_ID));
        setInteger(fields, "leader_pid", prefix.value(Value.LEADER_PID));
        setAddress(fields);
        return true;
    }

    private long recordTime() {
        String unix = prefix.value(Value.TIME_UNIX);
        if (!unix.isEmpty()) {
            int point = unix.indexOf('.');
            return Long.parseLong(unix, 0, point, 10) * MICROS
                    + Long.parseLong(unix, point + 1, unix.length(), 10) * (MICROS / 1_000);
        }
        String millis = prefix.value(Value.TIME_MILLIS);
        char[] written = (millis.isEmpty() ? prefix.value(Value.TIME) : millis).toCharArray();
        return time.parse(written, 0, written.length);
    }

    /** {@code host(port)} as {@code %r} writes it, or the host alone. */
    private void setAddress(RecordFields fields) {
        String address = prefix.value(Value.ADDRESS);
        int bracket = address.lastIndexOf('(');
        if (bracket > 0 && address.endsWith(")")) {
            set(fields, "remote_host", address.substring(0, bracket));
            setInteger(fields, "remote_port", address.substring(bracket + 1, address.length() - 1));
        } else {
            set(fields, "remote_host", address.isEmpty() ? prefix.value(Value.HOST) : address);
        }
    }

    private static void setName(RecordFields fields, String name, String value) {
        if (!value.equals(UNKNOWN)) {
            set(fields, name, value);
        }
    }

    private static void setState(RecordFields fields, String state) {
        if (!state.equals(CsvlogRecordParser.NO_STATE)) {
            set(fields, "state_code", state);
        }
    }

    private static int column(String name) {
        return Table.POSTGRES_LOG.column(name);
    }

    private static void set(RecordFields fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.setText(column(name), value);
        }
    }

    private static void setNumber(RecordFields fields, String name, String value) {
        byte[] digits = value.getBytes(StandardCharsets.US_ASCII);
        long number = Decimal.parse(digits, 0, digits.length);
        if (number != Decimal.NONE) {
            fields.setBigint(column(name), number);
        }
    }

    private static void setInteger(RecordFields fields, String name, String value) {
        byte[] digits = value.getBytes(StandardCharsets.US_ASCII);
        long number = Decimal.parse(digits, 0, digits.length);
        if (number != Decimal.NONE && (int) number == number) {
            fields.setInteger(column(name), (int) number);
        }
    }

    /** The labelled texts of one record. */
    private static final class Parts {
        private String message = "";
        private String detail = "";
        private String hint = "";
        private String query = "";
        private String context = "";
        private String location = "";
        private String statement = "";

        void add(String label, String text) {
            switch (label) {
                case "DETAIL" -> detail = text;
                case "HINT" -> hint = text;
                case "QUERY" -> query = text;
                case "CONTEXT" -> context = text;
                case "BACKTRACE" -> context = context.isEmpty() ? text : context + "\n" + text;
                case "LOCATION" -> location = text;
                case "STATEMENT" -> statement = text;
                default -> message = text;
            }
        }

        void set(RecordFields fields) {
            setLocation(fields);
            setMessage(fields);
            StderrRecordParser.set(fields, "detail", detail);
            StderrRecordParser.set(fields, "hint", hint);
            StderrRecordParser.set(fields, "internal_query", query);
            StderrRecordParser.set(fields, "context", context);
            StderrRecordParser.set(fields, "statement", statement);
        }

        /** Takes the state off, which stands there if the location does, and the place in the statement. */
        private void setMessage(RecordFields fields) {
            String rest = message;
            if (!location.isEmpty() && rest.startsWith(SEPARATOR, STATE_LENGTH)) {
                setState(fields, rest.substring(0, STATE_LENGTH));
                rest = rest.substring(STATE_LENGTH + SEPARATOR.length());
            }
            int place = rest.lastIndexOf(AT_CHARACTER);
            boolean positioned = !query.isEmpty() || !statement.isEmpty();
            if (positioned
                    && place >= 0
                    && rest.substring(place + AT_CHARACTER.length()).matches("\\d{1,9}")) {
                setInteger(
                        fields,
                        query.isEmpty() ? "cursor_position" : "internal_position",
                        rest.substring(place + AT_CHARACTER.length()));
                rest = rest.substring(0, place);
            }
            fields.setText(column("message"), rest);
        }

        /** {@code function, file:line} or {@code file:line}. */
        private void setLocation(RecordFields fields) {
            int colon = location.lastIndexOf(':');
            if (colon < 0) {
                return;
            }
            int comma = location.indexOf(", ");
            if (comma >= 0) {
                StderrRecordParser.set(fields, "func_name", location.substring(0, comma));
            }
            StderrRecordParser.set(fields, "file_name", location.substring(comma < 0 ? 0 : comma + 2, colon));
            setInteger(fields, "file_line_num", location.substring(colon + 1));
        }
    }
}
