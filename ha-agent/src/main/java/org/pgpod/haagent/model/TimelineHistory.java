package org.pgpod.haagent.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * The line of timelines that led to the current one, oldest first, with rising ids and epochs that never fall.
 *
 * @param entries which epoch began which timeline, and where
 */
public record TimelineHistory(List<Entry> entries) {
    /** The history of a cluster that has not started yet. */
    public static final TimelineHistory EMPTY = new TimelineHistory(List.of());

    /**
     * One timeline.
     *
     * @param start where it branched off its parent
     */
    public record Entry(Epoch epoch, Timeline timeline, Lsn start) {}

    public TimelineHistory {
        entries = List.copyOf(entries);
        for (int next = 1; next < entries.size(); next++) {
            Entry before = entries.get(next - 1);
            Entry after = entries.get(next);
            if (after.timeline().compareTo(before.timeline()) <= 0
                    || after.epoch().compareTo(before.epoch()) < 0) {
                throw new IllegalArgumentException("timelines and epochs of a history must rise: " + entries);
            }
        }
    }

    public Optional<Entry> last() {
        return entries.isEmpty() ? Optional.empty() : Optional.of(entries.getLast());
    }

    public Optional<Entry> entryOf(Timeline timeline) {
        return entries.stream()
                .filter(entry -> entry.timeline().equals(timeline))
                .findFirst();
    }

    /** Where the successor of {@code timeline} in this history began; empty for the last one and for a stranger. */
    public Optional<Lsn> endOf(Timeline timeline) {
        for (int index = 0; index + 1 < entries.size(); index++) {
            if (entries.get(index).timeline().equals(timeline)) {
                return Optional.of(entries.get(index + 1).start());
            }
        }
        return Optional.empty();
    }

    /** The position of {@code timeline} in the line, from 0; empty for a stranger. */
    public Optional<Integer> placeOf(Timeline timeline) {
        for (int index = 0; index < entries.size(); index++) {
            if (entries.get(index).timeline().equals(timeline)) {
                return Optional.of(index);
            }
        }
        return Optional.empty();
    }

    /** This history up to and including {@code timeline}; empty when it is not part of it. */
    public TimelineHistory upTo(Timeline timeline) {
        return new TimelineHistory(
                entries.subList(0, placeOf(timeline).map(place -> place + 1).orElse(0)));
    }

    /** This history, one timeline longer; the same history if its last entry is already that one. */
    public TimelineHistory with(Entry entry) {
        if (last().filter(entry::equals).isPresent()) {
            return this;
        }
        List<Entry> longer = new ArrayList<>(entries);
        longer.add(entry);
        return new TimelineHistory(longer);
    }
}
