package org.pgpod.exporter.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** Labels as the text format writes them, bounded in length. Source: Prometheus text format 0.0.4. */
public final class LabelText {
    /** A longer value is cut, so that no client can make a page grow by a long name. */
    public static final int VALUE_LENGTH_MAX = 256;

    private final StringBuilder text = new StringBuilder();

    /** One label as text. */
    public static String of(String name, String value) {
        return new LabelText().add(name, value).toString();
    }

    public LabelText add(String name, String value) {
        if (!text.isEmpty()) {
            text.append(',');
        }
        text.append(name).append("=\"");
        int length = Math.min(value.length(), VALUE_LENGTH_MAX);
        // A pair of surrogates is kept whole or cut whole.
        if (length < value.length() && Character.isHighSurrogate(value.charAt(length - 1))) {
            length--;
        }
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                case '\n' -> text.append("\\n");
                default -> text.append(c);
            }
        }
        text.append('"');
        return this;
    }

    /** The labels of a text that this class wrote, in their order. */
    public static Map<String, String> read(String labels) {
        Map<String, String> read = new LinkedHashMap<>();
        int at = 0;
        while (at < labels.length()) {
            int equals = labels.indexOf('=', at);
            StringBuilder value = new StringBuilder();
            int end = equals + 2;
            while (labels.charAt(end) != '"') {
                boolean escaped = labels.charAt(end) == '\\';
                char c = labels.charAt(escaped ? end + 1 : end);
                value.append(escaped && c == 'n' ? '\n' : c);
                end += escaped ? 2 : 1;
            }
            read.put(labels.substring(at, equals), value.toString());
            at = end + 2;
        }
        return read;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
