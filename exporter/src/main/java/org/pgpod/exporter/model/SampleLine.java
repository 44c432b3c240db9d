package org.pgpod.exporter.model;

/**
 * One line of a series in the Prometheus text format: name, labels as text, value and perhaps a time. What is not of that
 * form is refused, because one such line makes Prometheus refuse a whole page.
 */
public record SampleLine(String name, String labels, String rest) {
    private static final int WORDS_MAX = 2;

    /** Reads a line; throws {@link IllegalArgumentException} when it is no sample. */
    public static SampleLine parse(String line) {
        int nameEnd = endOfName(line, 0);
        if (nameEnd == 0) {
            throw new IllegalArgumentException("no metric name");
        }
        boolean braces = nameEnd < line.length() && line.charAt(nameEnd) == '{';
        int labelsEnd = braces ? endOfLabels(line, nameEnd + 1) : nameEnd;
        String labels = braces ? line.substring(nameEnd + 1, labelsEnd) : "";
        String rest = line.substring(braces ? labelsEnd + 1 : labelsEnd).strip();
        checkNumbers(rest);
        return new SampleLine(
                line.substring(0, nameEnd),
                labels.endsWith(",") ? labels.substring(0, labels.length() - 1) : labels,
                rest);
    }

    /** The line with one more label; a label of that name which it has already gets the prefix {@code exported_}. */
    public String with(String label, String value) {
        String added = LabelText.of(label, value);
        String kept = labels.isEmpty() ? "" : "," + renamed(label);
        return name + "{" + added + kept + "} " + rest;
    }

    public String text() {
        return name + (labels.isEmpty() ? "" : "{" + labels + "}") + " " + rest;
    }

    private String renamed(String label) {
        StringBuilder renamed = new StringBuilder();
        int at = 0;
        while (at < labels.length()) {
            int end = endOfLabel(labels, at);
            if (labels.startsWith(label + "=", at)) {
                renamed.append("exported_");
            }
            int next = end < labels.length() ? end + 1 : end;
            renamed.append(labels, at, next);
            at = next;
        }
        return renamed.toString();
    }

    private static int endOfName(String line, int start) {
        int at = start;
        while (at < line.length() && isNamePart(line.charAt(at), at == start)) {
            at++;
        }
        return at;
    }

    private static boolean isNamePart(char c, boolean first) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || c == ':'
                || (!first && c >= '0' && c <= '9');
    }

    /** The place of the closing brace. */
    private static int endOfLabels(String line, int start) {
        int at = start;
        while (at < line.length() && line.charAt(at) != '}') {
            at = endOfLabel(line, at);
            if (at < line.length() && line.charAt(at) == ',') {
                at++;
            } else if (at >= line.length() || line.charAt(at) != '}') {
                throw new IllegalArgumentException("no comma or brace after a label");
            }
        }
        if (at >= line.length()) {
            throw new IllegalArgumentException("labels without an end");
        }
        return at;
    }

    /** The place after the closing quotation mark of the label that begins here. */
    private static int endOfLabel(String line, int start) {
        int at = endOfName(line, start);
        if (at == start || !line.startsWith("=\"", at)) {
            throw new IllegalArgumentException("no label");
        }
        at += 2;
        while (at < line.length() && line.charAt(at) != '"') {
            at += line.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= line.length()) {
            throw new IllegalArgumentException("a label without an end");
        }
        return at + 1;
    }

    private static void checkNumbers(String rest) {
        String[] words = rest.split(" +", -1);
        if (words.length > WORDS_MAX) {
            throw new IllegalArgumentException("more than a value and a time");
        }
        if (!words[0].matches("NaN|[+-]?Inf")) {
            var _ = Double.parseDouble(words[0]);
        }
        if (words.length == WORDS_MAX) {
            var _ = Long.parseLong(words[1]);
        }
    }
}
