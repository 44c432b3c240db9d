package org.pgpod.logshipper.forward;

import java.util.List;

/** Takes records, all of them or none as far as it says. */
interface Destination {
    /** What became of records. */
    sealed interface Outcome {
        record Accepted() implements Outcome {}

        /** They may have arrived; they are to be sent again later. */
        record Retry(String reason, String state) implements Outcome {}

        /** They did not arrive, and never will as they are. */
        record Refused(String reason) implements Outcome {}
    }

    Outcome send(List<ForwardedRecord> records) throws InterruptedException;

    /** How many bytes of records go into one call; a longer record goes alone. */
    int bytesMax();
}
