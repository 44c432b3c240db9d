package org.pgpod.logshipper.search;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgpod.logshipper.model.Table;

/** Shows records of several tables as one stream, in the order of their times. */
public final class LogSearch {
    /** How late a record may reach the store to be shown by {@link #follow}. */
    public static final Duration LATE_MAX = Duration.ofMinutes(1);

    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final LogReader reader;
    private final List<Table> tables;
    private final LogFilter filter;
    private final RowFormat format;
    private final PrintWriter out;

    /** The times of the records of the last {@link #LATE_MAX} that need not be shown again. */
    private final Map<String, Instant> seen = new HashMap<>();

    public LogSearch(LogReader reader, List<Table> tables, LogFilter filter, RowFormat format, PrintWriter out) {
        this.reader = reader;
        this.tables = List.copyOf(tables);
        this.filter = filter;
        this.format = format;
        this.out = out;
    }

    /** Shows the newest records, the oldest of them first; how many there were. */
    public int newest(int most) throws IOException {
        List<LogRow> rows = new ArrayList<>();
        for (Table table : tables) {
            rows.addAll(reader.newest(table, filter, most));
        }
        rows.sort(Comparator.comparing(LogRow::time));
        List<LogRow> last = rows.subList(Math.max(0, rows.size() - most), rows.size());
        show(last);
        return last.size();
    }

    /** Shows the newest records and then whatever comes, until the thread is interrupted or the output is closed. */
    public void follow(int most, Clock clock) throws IOException {
        Instant from = clock.instant().minus(LATE_MAX);
        unseen(from).forEach(this::remember);
        newest(most);
        reader.refresh();
        try {
            while (!out.checkError()) {
                Thread.sleep(POLL_INTERVAL);
                from = clock.instant().minus(LATE_MAX);
                show(unseen(from));
                reader.refresh();
                seen.values().removeIf(from::isAfter);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private List<LogRow> unseen(Instant from) throws IOException {
        List<LogRow> rows = new ArrayList<>();
        for (Table table : tables) {
            reader.all(table, filter.since(from), row -> {
                if (!seen.containsKey(row.identity())) {
                    rows.add(row);
                }
            });
        }
        rows.sort(Comparator.comparing(LogRow::time));
        return rows;
    }

    private void remember(LogRow row) {
        seen.put(row.identity(), row.time());
    }

    private void show(List<LogRow> rows) throws IOException {
        for (LogRow row : rows) {
            format.write(row, out);
            remember(row);
        }
        out.flush();
    }
}
