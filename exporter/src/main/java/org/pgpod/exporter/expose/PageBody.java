package org.pgpod.exporter.expose;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgpod.exporter.model.PackedLines;

/**
 * A page as the stretches that it is sent in, some of which were compressed when they were collected. It is never in memory
 * as one array, and packed lines are never in memory unpacked.
 */
final class PageBody {
    private final List<Stretch> stretches = new ArrayList<>();

    private sealed interface Stretch {}

    private static final class Plain implements Stretch {
        private final byte[] bytes;

        Plain(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    private record Packed(PackedLines lines) implements Stretch {}

    void add(byte[] bytes, int length) {
        stretches.add(new Plain(Arrays.copyOf(bytes, length)));
    }

    void add(PackedLines lines) {
        stretches.add(new Packed(lines));
    }

    long length() {
        long length = 0;
        for (Stretch stretch : stretches) {
            length += switch (stretch) {
                case Plain plain -> plain.bytes.length;
                case Packed(var lines) -> lines.length();
            };
        }
        return length;
    }

    void writeTo(OutputStream out) throws IOException {
        try (Unpacker unpacker = new Unpacker()) {
            for (Stretch stretch : stretches) {
                switch (stretch) {
                    case Plain plain -> out.write(plain.bytes);
                    case Packed(var lines) -> unpacker.write(lines, out);
                }
            }
        }
    }

    /** Writes the page compressed; packed lines go out as they are. */
    void writeGzip(OutputStream out) throws IOException {
        try (GzipMember member = new GzipMember(out)) {
            for (Stretch stretch : stretches) {
                switch (stretch) {
                    case Plain plain -> member.write(plain.bytes);
                    case Packed(var lines) -> member.write(lines);
                }
            }
            member.finish();
        }
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
}
