package org.pgpod.logshipper.tail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.LogStream;

/** States of files that are not there, in case they come back; found by inode or name, however many there are. */
final class GoneFiles {
    private record Place(LogStream stream, Object inodeOrName) {}

    private final int statesMax;
    private final Set<FileState> states = new LinkedHashSet<>();
    private final Map<Place, List<FileState>> byPlace = new HashMap<>();

    /**
     * Takes up stored states, all of them.
     *
     * @param statesMax when a state is added later the oldest beyond this many are forgotten
     */
    GoneFiles(List<FileState> stored, int statesMax) {
        this.statesMax = statesMax;
        stored.forEach(this::put);
    }

    /** The states that a file may go on from: those of its inode, then those of its name, each the latest first. */
    List<FileState> candidates(SeenFile file) {
        List<FileState> candidates =
                new ArrayList<>(at(new Place(file.stream(), file.inode())).reversed());
        candidates.addAll(at(new Place(file.stream(), file.name())).reversed());
        return candidates;
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
            byPlace.computeIfAbsent(new Place(state.stream(), state.inode()), place -> new ArrayList<>(1))
                    .add(state);
            byPlace.computeIfAbsent(new Place(state.stream(), state.name()), place -> new ArrayList<>(1))
                    .add(state);
        }
    }

    void remove(FileState state) {
        states.remove(state);
        forget(new Place(state.stream(), state.inode()), state);
        forget(new Place(state.stream(), state.name()), state);
    }

    private void forget(Place place, FileState state) {
        List<FileState> there = byPlace.get(place);
        if (there != null && there.remove(state) && there.isEmpty()) {
            byPlace.remove(place);
        }
    }
}
