package org.pgpod.haagent.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What happened, line by line, for whoever replays a seed; nothing is kept, or even put into words, otherwise. */
final class Story {
    private final VirtualTime time;
    private final boolean told;
    private final long beganMillis;
    private final List<String> lines = new ArrayList<>();

    Story(VirtualTime time, boolean told) {
        this.time = time;
        this.told = told;
        this.beganMillis = time.nowMillis();
    }

    void tell(String who, Supplier<String> what) {
        if (told) {
            double seconds = (time.nowMillis() - beganMillis) / 1_000.0;
            lines.add(String.format(Locale.ROOT, "%9.3f %-10s %s", seconds, who, what.get()));
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
