package org.pgpod.logshipper.sink;

import java.util.List;
import org.pgpod.logshipper.model.FileState;

/** What came of opening the store. */
public sealed interface Opening {
    /**
     * The source belongs to this shipper and none of its transactions is still under way.
     *
     * @param epoch this shipper's
     * @param files how far each file is stored
     */
    record Opened(long epoch, List<FileState> files) implements Opening {
        public Opened {
            files = List.copyOf(files);
        }
    }

    /**
     * It is not reachable, or refuses.
     *
     * @param state the SQLSTATE, or {@code network} without one
     */
    record Closed(String reason, String state) implements Opening {}

    /** A younger shipper has taken the source over. */
    record Fenced(long epoch) implements Opening {}
}
