package org.pgpod.haagent.decide;

import java.util.Optional;

/**
 * How an action ended.
 *
 * @param sequence raised with every report, so that each is digested once
 * @param failure why it failed; empty when it succeeded
 * @param output what it printed, if that matters
 * @param refused whether it failed because somebody who is asked first did not agree: not to be tried again
 */
public record ActionReport(
        long sequence, Action action, Optional<String> failure, String output, long atMillis, boolean refused) {
    /** One that nobody refused. */
    public ActionReport(long sequence, Action action, Optional<String> failure, String output, long atMillis) {
        this(sequence, action, failure, output, atMillis, false);
    }

    public boolean succeeded() {
        return failure.isEmpty();
    }
}
