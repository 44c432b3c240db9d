package org.pgpod.exporter.expose;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.TextFamily;

/**
 * Writes the Prometheus text format 0.0.4 into arrays of a fixed size; allocates nothing per series unless its value has a
 * fraction or its labels leave ASCII.
 */
final class ExpositionBuffer {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final int PART_BYTES = 65_536;
    private static final int ASCII = 0x80;
    private static final double EXACT_INTEGERS = 1e15;
    private static final int DIGITS_MAX = 20;

    // The page before the part that is being written. One array for all would be copied as it grows, and be three times
    // as large as the page for a moment.
    private final List<byte[]> parts = new ArrayList<>();
    private byte[] bytes = new byte[PART_BYTES];
    private int length;

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
        text("# HELP ")
                .text(family.name())
                .one(' ')
                .text(escapedHelp(family.help()))
                .one('\n');
        text("# TYPE ").text(family.name()).one(' ').text(family.type().text()).one('\n');
        for (int i = 0; i < family.size(); i++) {
            text(family.name());
            String labels = family.labels(i);
            if (!labels.isEmpty()) {
                one('{').text(labels).one('}');
            }
            one(' ').number(family.value(i)).one('\n');
        }
    }

    void header(TextFamily family) {
        family.header().forEach(line -> text(line).one('\n'));
    }

    void samples(TextFamily family) {
        family.samples().forEach(line -> text(line).one('\n'));
    }

    private static String escapedHelp(String help) {
        return help.indexOf('\\') < 0 && help.indexOf('\n') < 0
                ? help
                : help.replace("\\", "\\\\").replace("\n", "\\n");
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
