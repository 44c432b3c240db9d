package org.pgpod.exporter.push;

import java.util.ArrayList;
import java.util.List;
import org.pgpod.exporter.model.MetricFamily;

/** Series of one family from {@code from} to before {@code to}; a histogram's are together. */
record PointSlice(MetricFamily family, int from, int to) {
    /** Cuts families into parts of at most as many series, or of one histogram, in order. */
    static List<List<PointSlice>> cut(List<MetricFamily> families, int seriesMax) {
        List<List<PointSlice>> all = new ArrayList<>();
        List<PointSlice> current = new ArrayList<>();
        int room = seriesMax;
        for (MetricFamily family : families) {
            int from = 0;
            while (from < family.size()) {
                int to = end(family, from, room);
                if (to == from) {
                    if (!current.isEmpty()) {
                        all.add(current);
                        current = new ArrayList<>();
                    }
                    room = seriesMax;
                    to = Math.max(end(family, from, room), next(family, from));
                }
                current.add(new PointSlice(family, from, to));
                room = Math.max(0, room - (to - from));
                from = to;
            }
        }
        if (!current.isEmpty()) {
            all.add(current);
        }
        return all;
    }

    /** The last place at which a slice from here may end and have room. */
    private static int end(MetricFamily family, int from, int room) {
        int end = from;
        while (end < family.size()) {
            int next = next(family, end);
            if (next - from > room) {
                return end;
            }
            end = next;
        }
        return end;
    }

    /** The place after the point that begins here. */
    private static int next(MetricFamily family, int from) {
        int next = from;
        while (family.part(next) instanceof MetricFamily.Part.Bucket
                || family.part(next) instanceof MetricFamily.Part.Sum) {
            next++;
        }
        return next + 1;
    }
}
