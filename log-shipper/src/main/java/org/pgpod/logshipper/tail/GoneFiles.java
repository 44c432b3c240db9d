package org.pgpod.logshipper.tail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;

/**
 * States of files that are not there, in case they come back, be it compressed or unpacked; found by inode, name or content,
 * however many there are.
 */
final class GoneFiles {
    private record Place(LogStream stream, Object inodeNameOrHead) {}

    private final int statesMax;
    private final Set<FileState> states = new LinkedHashSet<>();
    private final Map<Place, List<FileState>> byPlace = new HashMap<>();
    /** How many bytes the heads of states cover, and of how many states each. */
    private final NavigableMap<Integer, Integer> headLengths = new TreeMap<>();

    /**
     * Takes up stored states, all of them.
     *
     * @param statesMax when a state is added later the oldest beyond this many are forgotten
     */
    GoneFiles(List<FileState> stored, int statesMax) {
        this.statesMax = statesMax;
        stored.forEach(this::put);
    }

    /**
     * The states that a file may go on from: those of its inode, then those of its name, then those of files that began with
     * the same; each the latest first.
     *
     * @param beginning as many of its first bytes as a fingerprint covers, or all
     */
    List<FileState> candidates(SeenFile file, byte[] beginning) {
        List<FileState> candidates =
                new ArrayList<>(at(new Place(file.stream(), file.inode())).reversed());
        candidates.addAll(
                at(new Place(file.stream(), SeenFile.nameBefore(file.name()))).reversed());
        int lengthMin = file.stream().identifiesRecords() ? 1 : Fingerprint.BYTES_MAX;
        for (int length : headLengths.headMap(beginning.length, true).descendingKeySet()) {
            if (length >= lengthMin) {
                Head head = new Head(Fingerprint.digest(beginning, 0, length));
                candidates.addAll(at(new Place(file.stream(), head)).reversed());
            }
        }
        return candidates;
    }

    /** Whether the state is that of a file of another inode and name. */
    static boolean isOfAnother(FileState state, SeenFile file) {
        return state.inode() != file.inode()
                && !SeenFile.nameBefore(state.name()).equals(SeenFile.nameBefore(file.name()));
    }

    /** Whether the file of a state began so. */
    static boolean begins(FileState state, byte[] beginning) {
        Fingerprint fingerprint = state.fingerprint();
        return fingerprint.headBytes() <= beginning.length
                && Fingerprint.digest(beginning, 0, fingerprint.headBytes()).equals(fingerprint.head());
    }

    private record Head(String digest) {}

    private static List<Place> places(FileState state) {
        return List.of(
                new Place(state.stream(), state.inode()),
                new Place(state.stream(), SeenFile.nameBefore(state.name())),
                new Place(state.stream(), new Head(state.fingerprint().head())));
    }

    private List<FileState> at(Place place) {
        return byPlace.getOrDefault(place, List.of());
    }

    void add(FileState state) {
        put(state);
        while (states.size() > statesMax) {
            remove(states.iterator().next());
        }
    }

    private void put(FileState state) {
        if (states.add(state)) {
            headLengths.merge(state.fingerprint().headBytes(), 1, Integer::sum);
            places(state)
                    .forEach(place -> byPlace.computeIfAbsent(place, first -> new ArrayList<>(1))
                            .add(state));
        }
    }

    void remove(FileState state) {
        if (!states.remove(state)) {
            return;
        }
        headLengths.computeIfPresent(state.fingerprint().headBytes(), (length, count) -> count == 1 ? null : count - 1);
        places(state).forEach(place -> forget(place, state));
    }

    private void forget(Place place, FileState state) {
        List<FileState> there = byPlace.get(place);
        if (there != null && there.remove(state) && there.isEmpty()) {
            byPlace.remove(place);
        }
    }
}
