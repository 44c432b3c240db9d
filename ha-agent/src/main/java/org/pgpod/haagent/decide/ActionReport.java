package org.pgpod.haagent.decide;

import java.util.Optional;

/**
 * How an action ended.
 *
 * @param sequence raised with every report, so that each is digested once
 * @param failure why it failed; empty when it succeeded
 * @param output what it printed, if that matters
 */
public record ActionReport(long sequence, Action action, Optional<String> failure, String output, long atMillis) {
    public boolean succeeded() {
        return failure.isEmpty();
    }
}
