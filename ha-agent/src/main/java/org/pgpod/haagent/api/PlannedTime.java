package org.pgpod.haagent.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Optional;
import org.pgpod.haagent.model.PlannedSwitchover;

/** When people want something done: a time with its zone, in the future. Patroni's codes for what is not. */
final class PlannedTime {
    private PlannedTime() {}

    /** Why {@code text}, the value of {@code key}, is no such time; empty when it is. */
    static Optional<Reply> problem(String key, String text, Instant now) {
        Optional<Instant> at = PlannedSwitchover.time(text);
        if (at.isPresent()) {
            return at.get().isBefore(now)
                    ? Optional.of(Reply.of(Reply.UNPROCESSABLE, key + " is '" + text + "'; it must be in the future"))
                    : Optional.empty();
        }
        return Optional.of(Reply.of(
                isWithoutZone(text) ? Reply.BAD_REQUEST : Reply.UNPROCESSABLE,
                key + " is '" + text + "'; it must be a time with its zone, such as 2026-11-21T23:00:00+01:00"));
    }

    private static boolean isWithoutZone(String text) {
        try {
            return LocalDateTime.parse(text.strip().replaceFirst(" ", "T")) != null;
        } catch (DateTimeException none) {
            return false;
        }
    }
}
