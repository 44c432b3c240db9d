package org.pgpod.haagent.simulation;

import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.SynchronousSet;

/** A process of the primary that serves one standby; it goes by the synchronous set that it has loaded itself. */
final class Walsender {
    final String applicationName;
    private final int pid;
    private final Optional<String> slot;
    SynchronousSet loaded;
    private SynchronousSet heard;
    long flushed;
    private long replies;

    Walsender(int pid, String applicationName, Optional<String> slot, SynchronousSet loaded) {
        this.pid = pid;
        this.applicationName = applicationName;
        this.slot = slot;
        this.loaded = loaded;
        this.heard = loaded;
    }

    /** It hears of a change at one turn of its loop, perhaps just too late for that turn, and goes by it from the next on. */
    void load(SynchronousSet configured) {
        loaded = heard;
        heard = configured;
    }

    void reply(long flushedUpTo) {
        flushed = Math.max(flushed, flushedUpTo);
        replies++;
    }

    /** Whether it is one of those that its own set waits for. */
    boolean confirms() {
        return loaded.members().stream()
                .anyMatch(member -> member.applicationName().equals(applicationName));
    }

    DatabaseFacts.Sender facts() {
        return new DatabaseFacts.Sender(
                pid, applicationName, "streaming", new Lsn(flushed), slot, Long.toString(replies));
    }
}
