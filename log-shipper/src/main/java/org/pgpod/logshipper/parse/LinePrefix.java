package org.pgpod.logshipper.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Postgres's {@code log_line_prefix}, compiled: recognises a line of the server that begins with it, and finds the values
 * in it. Only messages in English are recognised. Used by one thread.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LINE-PREFIX">log_line_prefix</a>
 */
public final class LinePrefix {
    /** The setting's default, and what ha-agent sets. */
    public static final String STANDARD = "%m [%p] ";

    /** A line is recognised by this many bytes. */
    static final int BYTES_MAX = 1_024;

    private static final String TEXT = "[^\\n]{0,128}?";
    private static final String SECONDS = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d";
    private static final String ZONE = " [A-Za-z0-9+:-]{1,10}";
    private static final String LABELS = "(?:(DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC)"
            + "|(DETAIL|HINT|QUERY|CONTEXT|LOCATION|BACKTRACE|STATEMENT)):  ";

    private final Set<Value> values = EnumSet.noneOf(Value.class);
    private final List<Value> groups = new ArrayList<>();
    private final Bytes line = new Bytes();
    private final Matcher matcher;

    /** The values that a prefix can hold, by their letters. */
    enum Value {
        APPLICATION('a', TEXT),
        USER('u', TEXT),
        DATABASE('d', TEXT),
        ADDRESS('r', TEXT),
        HOST('h', TEXT),
        LOCAL_ADDRESS('L', TEXT),
        BACKEND_TYPE('b', TEXT),
        PID('p', "\\d+"),
        LEADER_PID('P', "\\d*"),
        TIME('t', SECONDS + ZONE),
        TIME_MILLIS('m', SECONDS + "\\.\\d{3}" + ZONE),
        TIME_UNIX('n', "\\d+\\.\\d{3}"),
        COMMAND('i', TEXT),
        STATE('e', "[0-9A-Z]{5}"),
        SESSION('c', "[0-9a-f]+\\.[0-9a-f]+"),
        LINE('l', "\\d+"),
        SESSION_START('s', SECONDS + ZONE),
        VIRTUAL_TRANSACTION('v', "[0-9/-]*"),
        TRANSACTION('x', "\\d+"),
        QUERY_ID('Q', "-?\\d+");

        private final char letter;
        private final String form;

        Value(char letter, String form) {
            this.letter = letter;
            this.form = form;
        }

        static Value of(char letter) {
            for (Value value : values()) {
                if (value.letter == letter) {
                    return value;
                }
            }
            throw new IllegalArgumentException("%" + letter + " is no escape of log_line_prefix");
        }
    }

    /** What a line is. */
    enum Kind {
        /** The first of a record. */
        HEAD,
        /** Another part of the record that the lines before it belong to: its detail, its statement. */
        PART,
        /** A line of a text of several lines. */
        CONTINUATION,
        /** Nothing of the server's own. */
        OTHER
    }

    /**
     * Compiles a setting.
     *
     * @throws IllegalArgumentException for one with an escape that Postgres does not have
     */
    public LinePrefix(String setting) {
        StringBuilder pattern = new StringBuilder();
        boolean optional = false;
        for (int at = 0; at < setting.length(); at++) {
            char here = setting.charAt(at);
            if (here != '%') {
                literal(pattern, here);
                continue;
            }
            int padding = at + 1;
            at = padding;
            while (at < setting.length() && (setting.charAt(at) == '-' || Character.isDigit(setting.charAt(at)))) {
                at++;
            }
            if (at == setting.length()) {
                throw new IllegalArgumentException("log_line_prefix ends in the middle of an escape");
            }
            char letter = setting.charAt(at);
            if (letter == '%') {
                literal(pattern, letter);
            } else if (letter != 'q') {
                value(pattern, Value.of(letter), at > padding);
            } else if (!optional) {
                // Processes that are no sessions stop here.
                pattern.append("(?:");
                optional = true;
            }
        }
        pattern.append(optional ? ")?" : "").append(LABELS);
        matcher = Pattern.compile(pattern.toString()).matcher("");
    }

    private static void literal(StringBuilder pattern, char character) {
        for (byte octet : String.valueOf(character).getBytes(StandardCharsets.UTF_8)) {
            pattern.append(String.format("\\x%02x", octet));
        }
    }

    private void value(StringBuilder pattern, Value value, boolean padded) {
        values.add(value);
        groups.add(value);
        String space = padded ? " *" : "";
        pattern.append(space).append('(').append(value.form).append(')').append(space);
    }

    /** Whether a record's own columns can be told: when it was, and which of which session. */
    boolean identifiesRecords() {
        return timed() && values.contains(Value.SESSION) && values.contains(Value.LINE);
    }

    /** Whether a record can be told to be the one of another format: which process logged it, and to the millisecond when. */
    boolean identifiesCopies() {
        return (values.contains(Value.TIME_MILLIS) || values.contains(Value.TIME_UNIX))
                && (values.contains(Value.PID) || values.contains(Value.SESSION));
    }

    private boolean timed() {
        return values.contains(Value.TIME_MILLIS) || values.contains(Value.TIME_UNIX) || values.contains(Value.TIME);
    }

    /** What a line is, told by its beginning. */
    Kind kind(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '\t') {
            return Kind.CONTINUATION;
        }
        line.show(bytes, from, Math.min(to, from + BYTES_MAX));
        if (!matcher.reset(line).lookingAt()) {
            return Kind.OTHER;
        }
        return matcher.group(groups.size() + 1) != null ? Kind.HEAD : Kind.PART;
    }

    /** Bytes as characters, one each; valid until the next line is told. */
    CharSequence characters(byte[] bytes, int from, int to) {
        line.show(bytes, from, Math.min(to, from + BYTES_MAX));
        return line;
    }

    /** The value that the line told last has, or empty. */
    String value(Value value) {
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i) == value) {
                String text = matcher.group(i + 1);
                return text == null
                        ? ""
                        : new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    /** The severity or the name of the part that the line told last begins with. */
    String label() {
        String severity = matcher.group(groups.size() + 1);
        return severity != null ? severity : String.valueOf(matcher.group(groups.size() + 2));
    }

    /** Where the text of the line told last begins, from the line's beginning. */
    int textFrom() {
        return matcher.end();
    }

    /** Bytes as characters, one each. */
    private static final class Bytes implements CharSequence {
        private byte[] bytes = {};
        private int from;
        private int to;

        void show(byte[] shown, int first, int end) {
            bytes = shown;
            from = first;
            to = end;
        }

        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            return (char) (bytes[from + index] & 0xff);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return toString().substring(start, end);
        }

        @Override
        public String toString() {
            return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        }
    }
}
