package org.pgpod.logshipper.model;

/**
 * A step of one file that a batch stores.
 *
 * @param from the position before the batch; 0 when the file is new to the store
 * @param state the file after it
 */
public record Advance(long from, FileState state) {
    public Advance {
        if (from < 0 || from >= state.position()) {
            throw new IllegalArgumentException("an advance goes forward");
        }
    }
}
