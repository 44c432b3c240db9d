package org.pgpod.exporter.expose;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;
import org.pgpod.exporter.model.TextFamily;

/**
 * Writes a page of metrics into arrays of a fixed size; allocates nothing per series unless its value has a
 * fraction or its labels leave ASCII.
 */
final class ExpositionBuffer {
    private static final int PART_BYTES = 65_536;
    private static final int ASCII = 0x80;
    private static final double EXACT_INTEGERS = 1e15;
    private static final int DIGITS_MAX = 20;

    private final ExpositionFormat format;
    private final Set<String> names;

    // The page before the part that is being written. One array for all would be copied as it grows, and be three times
    // as large as the page for a moment.
    private final List<byte[]> parts = new ArrayList<>();
    private byte[] bytes = new byte[PART_BYTES];
    private int length;

    /**
     * An empty page.
     *
     * @param names of all families that the page will have, as the text format has them
     */
    ExpositionBuffer(ExpositionFormat format, Set<String> names) {
        this.format = format;
        this.names = names;
    }

    long length() {
        return parts.stream().mapToLong(part -> part.length).sum() + length;
    }

    void writeTo(OutputStream out) throws IOException {
        for (byte[] part : parts) {
            out.write(part);
        }
        out.write(bytes, 0, length);
    }

    @Override
    public String toString() {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        try {
            writeTo(page);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return page.toString(StandardCharsets.UTF_8);
    }

    void family(MetricFamily family) {
        if (family.size() == 0) {
            return;
        }
        header(family.name(), Optional.of(family.type()), Optional.of(family.help()));
        for (int i = 0; i < family.size(); i++) {
            text(family.name());
            String labels = family.labels(i);
            if (!labels.isEmpty()) {
                one('{').text(labels).one('}');
            }
            one(' ').number(family.value(i)).one('\n');
        }
    }

    /** The lines that describe a family; {@code name} is that of the text format. */
    void header(String name, Optional<MetricType> type, Optional<String> help) {
        String shownName = name;
        Optional<String> shownType = type.map(MetricType::text);
        if (format == ExpositionFormat.OPEN_METRICS) {
            OpenMetricsName open = OpenMetricsName.of(name, type.orElse(MetricType.UNTYPED), names);
            shownName = open.name();
            shownType = Optional.of(open.type().openMetrics());
        }
        String described = shownName;
        help.ifPresent(sentence -> comment("# HELP ", described, escaped(sentence)));
        shownType.ifPresent(word -> comment("# TYPE ", described, word));
        if (format == ExpositionFormat.OPEN_METRICS) {
            OpenMetricsName.unit(described).ifPresent(unit -> comment("# UNIT ", described, unit));
        }
    }

    private void comment(String kind, String name, String rest) {
        text(kind).text(name).one(' ').text(rest).one('\n');
    }

    void samples(TextFamily family) {
        family.samples().forEach(sample -> text(sample.text(format)).one('\n'));
    }

    /** Nothing is added after it. */
    void end() {
        if (format == ExpositionFormat.OPEN_METRICS) {
            text("# EOF\n");
        }
    }

    private String escaped(String help) {
        if (help.indexOf('\\') < 0 && help.indexOf('\n') < 0 && help.indexOf('"') < 0) {
            return help;
        }
        String escaped = help.replace("\\", "\\\\").replace("\n", "\\n");
        return format == ExpositionFormat.OPEN_METRICS ? escaped.replace("\"", "\\\"") : escaped;
    }

    private ExpositionBuffer one(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    private ExpositionBuffer text(String text) {
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ASCII) {
                return encoded(text.substring(i));
            }
            bytes[length++] = (byte) c;
        }
        return this;
    }

    private ExpositionBuffer encoded(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
        return this;
    }

    private ExpositionBuffer number(double value) {
        if (Math.rint(value) == value && Math.abs(value) < EXACT_INTEGERS) {
            return integer((long) value);
        }
        if (Double.isNaN(value)) {
            return text("NaN");
        }
        if (Double.isInfinite(value)) {
            return text(value > 0 ? "+Inf" : "-Inf");
        }
        return text(Double.toString(value));
    }

    private ExpositionBuffer integer(long value) {
        room(DIGITS_MAX);
        long rest = Math.abs(value);
        if (value < 0) {
            bytes[length++] = '-';
        }
        int digits = 1;
        for (long power = 10; power <= rest; power *= 10) {
            digits++;
        }
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            parts.add(Arrays.copyOf(bytes, length));
            length = 0;
            bytes = bytes.length < more ? new byte[more] : bytes;
        }
    }
}
