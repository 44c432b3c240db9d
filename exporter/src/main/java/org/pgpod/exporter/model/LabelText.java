package org.pgpod.exporter.model;

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

    @Override
    public String toString() {
        return text.toString();
    }
}
