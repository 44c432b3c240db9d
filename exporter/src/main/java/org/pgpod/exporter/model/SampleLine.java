package org.pgpod.exporter.model;

import java.math.BigDecimal;
import java.util.OptionalLong;

/**
 * One line of a series: what is not of its format is refused, because one such line makes Prometheus refuse a whole page.
 *
 * @param labels as text, without braces
 * @param value as text
 * @param timeMillis when it was so, if the line says that
 * @param exemplar the text after {@code #} in OpenMetrics; empty for none
 */
public record SampleLine(String name, String labels, String value, OptionalLong timeMillis, String exemplar) {
    private static final int WORDS_MAX = 2;
    private static final BigDecimal MILLIS_PER_SECOND = BigDecimal.valueOf(1_000);
    private static final String EXEMPLAR = " # ";

    /** Reads a line; throws {@link IllegalArgumentException} when it is no sample. */
    public static SampleLine parse(String line, ExpositionFormat format) {
        int nameEnd = endOfName(line, 0);
        if (nameEnd == 0) {
            throw new IllegalArgumentException("no metric name");
        }
        boolean braces = nameEnd < line.length() && line.charAt(nameEnd) == '{';
        int labelsEnd = braces ? endOfLabels(line, nameEnd + 1) : nameEnd;
        String labels = braces ? line.substring(nameEnd + 1, labelsEnd) : "";
        String rest = line.substring(braces ? labelsEnd + 1 : labelsEnd).strip();
        int exemplarAt = format == ExpositionFormat.OPEN_METRICS ? rest.indexOf(EXEMPLAR) : -1;
        String exemplar = exemplarAt < 0 ? "" : rest.substring(exemplarAt + EXEMPLAR.length());
        String[] words = (exemplarAt < 0 ? rest : rest.substring(0, exemplarAt)).split(" +", -1);
        checkExemplar(exemplar);
        checkValue(words);
        return new SampleLine(
                line.substring(0, nameEnd),
                labels.endsWith(",") ? labels.substring(0, labels.length() - 1) : labels,
                words[0],
                words.length < WORDS_MAX ? OptionalLong.empty() : OptionalLong.of(millis(words[1], format)),
                exemplar);
    }

    /** The line with one more label; a label of that name which it has already gets the prefix {@code exported_}. */
    public SampleLine with(String label, String text) {
        String added = LabelText.of(label, text);
        String kept = labels.isEmpty() ? "" : "," + renamed(label);
        return new SampleLine(name, added + kept, value, timeMillis, exemplar);
    }

    /** The line in a format; the text format has no exemplars. */
    public String text(ExpositionFormat format) {
        StringBuilder line = new StringBuilder(name);
        if (!labels.isEmpty()) {
            line.append('{').append(labels).append('}');
        }
        line.append(' ').append(value);
        boolean open = format == ExpositionFormat.OPEN_METRICS;
        timeMillis.ifPresent(millis -> line.append(' ')
                .append(
                        open
                                ? BigDecimal.valueOf(millis)
                                        .divide(MILLIS_PER_SECOND)
                                        .toPlainString()
                                : Long.toString(millis)));
        return line.append(open && !exemplar.isEmpty() ? EXEMPLAR + exemplar : "")
                .toString();
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

    private static void checkValue(String[] words) {
        if (words.length > WORDS_MAX) {
            throw new IllegalArgumentException("more than a value and a time");
        }
        if (!words[0].matches("NaN|[+-]?Inf")) {
            var _ = Double.parseDouble(words[0]);
        }
    }

    private static long millis(String time, ExpositionFormat format) {
        return format == ExpositionFormat.TEXT
                ? Long.parseLong(time)
                : new BigDecimal(time).multiply(MILLIS_PER_SECOND).longValue();
    }

    private static void checkExemplar(String exemplar) {
        if (!exemplar.isEmpty()) {
            if (exemplar.charAt(0) != '{') {
                throw new IllegalArgumentException("an exemplar without labels");
            }
            String[] words =
                    exemplar.substring(endOfLabels(exemplar, 1) + 1).strip().split(" +", -1);
            checkValue(words);
            if (words.length == WORDS_MAX) {
                var _ = new BigDecimal(words[1]);
            }
        }
    }
}
