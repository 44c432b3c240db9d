package org.pgpod.image.bench;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Rows as people read them. */
final class BenchTable {
    private static final String ALL = "%-24s %-16s %-20s %10s %10s %10s  %s%n";
    private static final String SUMMARY = "%-26s %-16s %10s %17s %7s %10s%n";

    private BenchTable() {}

    /** Every row. */
    static void print(List<BenchRow> rows, PrintWriter out) {
        out.printf(ALL, "case", "subject", "metric", "median", "min", "max", "unit");
        for (BenchRow row : rows) {
            out.printf(
                    ALL,
                    row.scenario(),
                    row.subject(),
                    row.metric(),
                    figure(row.median()),
                    figure(row.min()),
                    figure(row.max()),
                    row.unit());
        }
        out.flush();
    }

    /** One line for each case and subject: how long writes stood still, and the rows lost in all rounds together. */
    static void summary(List<BenchRow> rows, PrintWriter out) {
        out.println();
        out.printf(SUMMARY, "case", "subject", "write gap", "min–max", "rounds", "lost rows");
        for (BenchRow row : rows) {
            if (!row.metric().equals("write-gap")) {
                continue;
            }
            out.printf(
                    SUMMARY,
                    row.scenario(),
                    row.subject(),
                    figure(row.median()) + " s",
                    figure(row.min()) + "–" + figure(row.max()) + " s",
                    row.values().size(),
                    lost(rows, row));
        }
        out.flush();
    }

    private static String lost(List<BenchRow> rows, BenchRow gap) {
        Optional<BenchRow> lost = rows.stream()
                .filter(row -> row.metric().equals("lost-rows")
                        && row.scenario().equals(gap.scenario())
                        && row.subject().equals(gap.subject()))
                .findAny();
        return lost.map(row -> String.format(
                        Locale.ROOT,
                        "%.0f",
                        row.values().stream().mapToDouble(Double::doubleValue).sum()))
                .orElse("-");
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }
}
