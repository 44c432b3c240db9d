package org.pgpod.logshipper.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the store's positions say of a batch whose commit was not confirmed. */
public enum Standing {
    /** Every file stands where the batch begins: it was not committed. */
    NOT_STORED,
    /** Every file stands where the batch ends: it was committed. */
    STORED,
    /** Anything else: the store is not the one that the batch was made for. */
    DIVERGED;

    public static Standing of(List<Advance> advances, List<FileState> stored) {
        Map<Integer, Long> positions = new HashMap<>();
        stored.forEach(file -> positions.put(file.number(), file.position()));
        boolean before = true;
        boolean after = true;
        for (Advance advance : advances) {
            long position = positions.getOrDefault(advance.state().number(), 0L);
            before &= position == advance.from();
            after &= position == advance.state().position();
        }
        if (before) {
            return NOT_STORED;
        }
        return after ? STORED : DIVERGED;
    }
}
