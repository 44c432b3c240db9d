package org.pgpod.exporter.expose;

import java.nio.charset.StandardCharsets;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;

/**
 * Writes lines into one buffer and hands the buffer on whenever it is full; allocates nothing per series unless its value
 * has a fraction or its labels leave ASCII.
 */
final class LineWriter {
    private static final int BUFFER_BYTES = 65_536;
    private static final int ASCII = 0x80;
    private static final double EXACT_INTEGERS = 1e15;
    private static final int DIGITS_MAX = 20;

    private final Sink sink;
    private byte[] bytes = new byte[BUFFER_BYTES];
    private int length;

    LineWriter(Sink sink) {
        this.sink = sink;
    }

    /** Who takes what was written. */
    @FunctionalInterface
    interface Sink {
        /** Takes the first bytes of an array, which is used again afterwards. */
        void take(byte[] bytes, int length);
    }

    /** Hands on what is in the buffer. */
    void flush() {
        if (length > 0) {
            sink.take(bytes, length);
            length = 0;
        }
    }

    /** Whether the lines of a family are the same in either format: only bounds of buckets are not. */
    static boolean sameInBoth(MetricFamily family) {
        return family.type() != MetricType.HISTOGRAM;
    }

    /** One line for each series. */
    void series(MetricFamily family, ExpositionFormat format) {
        for (int i = 0; i < family.size(); i++) {
            text(family.name());
            switch (family.part(i)) {
                case MetricFamily.Part.Whole _ -> labels(family.labels(i));
                case MetricFamily.Part.Bucket(double bound) ->
                    text("_bucket").labels(withBound(family.labels(i), bound, format));
                case MetricFamily.Part.Sum _ -> text("_sum").labels(family.labels(i));
                case MetricFamily.Part.Count _ -> text("_count").labels(family.labels(i));
            }
            one(' ').number(family.value(i)).one('\n');
        }
    }

    private LineWriter labels(String labels) {
        return labels.isEmpty() ? this : one('{').text(labels).one('}');
    }

    /** OpenMetrics demands a point in every number that is a label; libraries of Prometheus leave it out of the text. */
    private static String withBound(String labels, double bound, ExpositionFormat format) {
        String number = Double.isInfinite(bound) ? "+Inf" : Double.toString(bound);
        boolean shorter = format == ExpositionFormat.TEXT && number.endsWith(".0");
        String label = LabelText.of("le", shorter ? number.substring(0, number.length() - 2) : number);
        return labels.isEmpty() ? label : labels + "," + label;
    }

    LineWriter one(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    LineWriter text(String text) {
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

    private LineWriter encoded(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
        return this;
    }

    private LineWriter number(double value) {
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

    private LineWriter integer(long value) {
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
            flush();
            bytes = bytes.length < more ? new byte[more] : bytes;
        }
    }
}
