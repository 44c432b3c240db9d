package org.pgpod.haagent.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters that a hot standby must not have lower than the primary whose WAL it replays, by name: it would pause
 * replay, or stop. See "Hot Standby, Administrator's Overview" in the Postgres manual.
 */
public record SensitiveValues(SortedMap<String, Long> values) {
    /** Nothing is known. */
    public static final SensitiveValues UNKNOWN = new SensitiveValues(new TreeMap<>());

    /** Each name with what Postgres uses when nobody sets it. */
    private static final Map<String, Long> STANDARDS = Map.of(
            "max_connections",
            100L,
            "max_worker_processes",
            8L,
            "max_wal_senders",
            10L,
            "max_prepared_transactions",
            0L,
            "max_locks_per_transaction",
            64L);

    private static final Pattern OF_CONTROL_DATA = Pattern.compile("([a-z_]+) setting:\\s+([0-9]{1,9})");

    public static final List<String> NAMES =
            STANDARDS.keySet().stream().sorted().toList();

    public SensitiveValues {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** What these parameters would have Postgres use; a value that is no number counts as its standard. */
    public static SensitiveValues in(Map<String, String> parameters) {
        SortedMap<String, Long> values = new TreeMap<>();
        STANDARDS.forEach((name, standard) -> {
            String text = parameters.getOrDefault(name, standard.toString());
            values.put(name, text.matches("[0-9]{1,9}") ? Long.valueOf(text) : standard);
        });
        return new SensitiveValues(values);
    }

    /**
     * What pg_controldata says that the primary ran with whose WAL a data directory holds; what it does not say stays
     * unknown.
     */
    public static SensitiveValues inControlData(String output) {
        SortedMap<String, Long> values = new TreeMap<>();
        output.lines().forEach(line -> {
            Matcher setting = OF_CONTROL_DATA.matcher(line);
            if (setting.matches()) {
                // The tool has a shorter word for transactions.
                String name = setting.group(1)
                        .replace("prepared_xacts", "prepared_transactions")
                        .replace("per_xact", "per_transaction");
                if (STANDARDS.containsKey(name)) {
                    values.put(name, Long.valueOf(setting.group(2)));
                }
            }
        });
        return new SensitiveValues(values);
    }

    public boolean isKnown() {
        return values.keySet().containsAll(NAMES);
    }

    /** The value of one of the names; 0 while it is unknown. */
    public long of(String name) {
        return values.getOrDefault(name, 0L);
    }

    /** Of each name the greater of both. */
    public SensitiveValues max(SensitiveValues other) {
        SortedMap<String, Long> greater = new TreeMap<>(values);
        other.values.forEach((name, value) -> greater.merge(name, value, Math::max));
        return new SensitiveValues(greater);
    }
}
