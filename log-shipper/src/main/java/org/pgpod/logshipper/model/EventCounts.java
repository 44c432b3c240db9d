package org.pgpod.logshipper.model;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** How many records of Postgres a batch has passed, by event, severity and class of SQLSTATE, and how many it left out. */
public final class EventCounts {
    private final Map<PostgresEvent, Map<Severity, long[]>> known = new EnumMap<>(PostgresEvent.class);
    private final Map<Severity, long[]> unknown = new EnumMap<>(Severity.class);
    private final Map<PostgresEvent, Map<Omission, long[]>> omitted = new EnumMap<>(PostgresEvent.class);
    private final long[] states = new long[SqlStateClasses.ALL.size()];
    private final int severityColumn = Table.POSTGRES_LOG.column("error_severity");
    private final int stateColumn = Table.POSTGRES_LOG.column("state_code");

    /** Why a record is counted and not stored. */
    public enum Omission {
        SAMPLED,
        LIMITED
    }

    /** Receives counts that are not zero; an empty event stands for records of none. */
    @FunctionalInterface
    public interface Receiver<T> {
        void accept(Optional<PostgresEvent> event, T second, long count);
    }

    /** Counts a record, whether it is stored or left out. */
    public void count(Optional<PostgresEvent> event, RecordFields fields) {
        Map<Severity, long[]> counts =
                event.isPresent() ? known.computeIfAbsent(event.get(), none -> new EnumMap<>(Severity.class)) : unknown;
        counts.computeIfAbsent(Severity.of(fields, severityColumn), none -> new long[1])[0]++;
        int state = SqlStateClasses.index(fields, stateColumn);
        if (state >= 0) {
            states[state]++;
        }
    }

    /** Counts a record that is left out. */
    public void countOmission(PostgresEvent event, Omission reason) {
        omitted.computeIfAbsent(event, none -> new EnumMap<>(Omission.class))
                .computeIfAbsent(reason, none -> new long[1])[0]++;
    }

    /** The counts by event and severity. */
    public void forEachEvent(Receiver<Severity> receiver) {
        known.forEach((event, counts) -> pass(Optional.of(event), counts, receiver));
        pass(Optional.empty(), unknown, receiver);
    }

    /** The counts of what was left out, by event and reason. */
    public void forEachOmission(Receiver<Omission> receiver) {
        omitted.forEach((event, counts) -> pass(Optional.of(event), counts, receiver));
    }

    private static <T> void pass(Optional<PostgresEvent> event, Map<T, long[]> counts, Receiver<T> receiver) {
        counts.forEach((second, count) -> {
            if (count[0] > 0) {
                receiver.accept(event, second, count[0]);
            }
        });
    }

    /** The count of a class of {@link SqlStateClasses#ALL}. */
    public long states(int index) {
        return states[index];
    }

    public void clear() {
        known.values().forEach(EventCounts::zero);
        omitted.values().forEach(EventCounts::zero);
        zero(unknown);
        Arrays.fill(states, 0);
    }

    private static void zero(Map<?, long[]> counts) {
        counts.values().forEach(count -> Arrays.fill(count, 0));
    }
}
