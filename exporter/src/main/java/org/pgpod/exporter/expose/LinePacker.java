package org.pgpod.exporter.expose;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.PackedLines;

/** Makes the lines of large families ahead of the pages that show them, so that a scrape only has to send them. */
public final class LinePacker {
    /** The lines of fewer series are made by each scrape: that costs less than a stretch of its own. */
    static final int SERIES_MIN = 100;

    private static final int BUFFER_BYTES = 16_384;

    private LinePacker() {}

    /** The same with the lines of its large families made. */
    public static Collected packed(Collected collected) {
        if (collected.families().stream().noneMatch(LinePacker::large)) {
            return collected;
        }
        Deflater deflater = new Deflater(GzipMember.LEVEL, true);
        try {
            return collected.with(collected.families().stream()
                    .map(family -> large(family) ? family.with(lines(family, deflater)) : family)
                    .toList());
        } finally {
            deflater.end();
        }
    }

    private static boolean large(MetricFamily family) {
        return family.size() >= SERIES_MIN && LineWriter.sameInBoth(family);
    }

    private static PackedLines lines(MetricFamily family, Deflater deflater) {
        deflater.reset();
        ByteArrayOutputStream blocks = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        CRC32 crc32 = new CRC32();
        LineWriter writer = new LineWriter((bytes, length) -> {
            crc32.update(bytes, 0, length);
            deflater.setInput(bytes, 0, length);
            drain(deflater, Deflater.NO_FLUSH, buffer, blocks);
        });
        writer.series(family, ExpositionFormat.TEXT);
        writer.flush();
        drain(deflater, Deflater.FULL_FLUSH, buffer, blocks);
        return new PackedLines(blocks.toByteArray(), deflater.getBytesRead(), (int) crc32.getValue());
    }

    private static void drain(Deflater deflater, int flush, byte[] buffer, ByteArrayOutputStream blocks) {
        int count;
        do {
            count = deflater.deflate(buffer, 0, buffer.length, flush);
            blocks.write(buffer, 0, count);
        } while (count == buffer.length);
    }
}
