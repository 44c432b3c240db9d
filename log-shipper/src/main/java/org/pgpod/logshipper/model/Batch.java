package org.pgpod.logshipper.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Rows and the positions that belong to them, stored together or not at all. Filled by one thread and then handed to
 * another; used again after {@link #clear}. Holds at most the bytes it was made for, and one segment more for each table.
 */
public final class Batch {
    private static final long DAY_MICROS = 86_400_000_000L;

    private final int bytesMax;
    private final ArrayDeque<byte[]> spare = new ArrayDeque<>();
    private final Map<Table, RowBuffer> rows = new EnumMap<>(Table.class);
    private final Map<LogStream, long[]> shipped = new EnumMap<>(LogStream.class);
    private final Map<Verdict, long[]> deadLetters = new EnumMap<>(Verdict.class);
    private final EventCounts events = new EventCounts();
    private final SortedSet<Long> days = new TreeSet<>();
    private List<Advance> advances = List.of();
    private long lastDay = Long.MIN_VALUE;
    private long truncated;
    private long generation;

    public Batch(int bytesMax) {
        this.bytesMax = bytesMax;
        for (Table table : Table.values()) {
            rows.put(table, new RowBuffer(spare));
        }
        for (LogStream stream : LogStream.values()) {
            shipped.put(stream, new long[2]);
        }
        for (Verdict verdict : Verdict.values()) {
            deadLetters.put(verdict, new long[1]);
        }
    }

    /** Whether a row of this size may be added; a batch without rows takes any. */
    public boolean fits(int rowBytes) {
        int used = bytes();
        return used == 0 || used + rowBytes <= bytesMax;
    }

    /** The bytes of all rows. */
    public int bytes() {
        int bytes = 0;
        for (RowBuffer buffer : rows.values()) {
            bytes += buffer.size();
        }
        return bytes;
    }

    public RowBuffer rows(Table table) {
        return buffer(rows, table);
    }

    /** Notes the day of a row, so that its partition can be made first. */
    public void addDay(long epochMicros) {
        long day = Math.floorDiv(epochMicros, DAY_MICROS);
        if (day != lastDay) {
            lastDay = day;
            days.add(day);
        }
    }

    /** The days of all rows, as days since 1970 in UTC. */
    public SortedSet<Long> days() {
        return days;
    }

    /** Counts a record that a row was written for, with its length in the file. */
    public void countRecord(LogStream stream, long bytes) {
        long[] count = buffer(shipped, stream);
        count[0]++;
        count[1] += bytes;
    }

    /** What its records were about. */
    public EventCounts events() {
        return events;
    }

    public void countTruncated() {
        truncated++;
    }

    public void countDeadLetters(Verdict verdict, int letters) {
        buffer(deadLetters, verdict)[0] += letters;
    }

    public long records(LogStream stream) {
        return buffer(shipped, stream)[0];
    }

    public long recordBytes(LogStream stream) {
        return buffer(shipped, stream)[1];
    }

    public long deadLetters(Verdict verdict) {
        return buffer(deadLetters, verdict)[0];
    }

    public long truncated() {
        return truncated;
    }

    /** Closes the batch: these positions are stored with its rows. */
    public void seal(long generation, List<Advance> advances) {
        this.generation = generation;
        this.advances = List.copyOf(advances);
    }

    public List<Advance> advances() {
        return advances;
    }

    /** Which opening of the store the positions continue from. */
    public long generation() {
        return generation;
    }

    /** Empties it; keeps as many segments as it just needed. */
    public void clear() {
        int needed = 0;
        for (RowBuffer buffer : rows.values()) {
            needed += (buffer.size() + RowBuffer.SEGMENT_BYTES - 1) / RowBuffer.SEGMENT_BYTES;
        }
        for (RowBuffer buffer : new ArrayList<>(rows.values())) {
            buffer.clear();
        }
        while (spare.size() > needed) {
            spare.removeLast();
        }
        shipped.values().forEach(count -> java.util.Arrays.fill(count, 0));
        deadLetters.values().forEach(count -> java.util.Arrays.fill(count, 0));
        events.clear();
        days.clear();
        lastDay = Long.MIN_VALUE;
        truncated = 0;
        advances = List.of();
    }

    private static <K, V> V buffer(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("every value of the enum has an entry: " + key);
        }
        return value;
    }
}
