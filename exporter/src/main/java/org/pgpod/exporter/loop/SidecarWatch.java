package org.pgpod.exporter.loop;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.pgpod.exporter.collect.SidecarPages;
import org.pgpod.exporter.model.MergeTarget;
import org.pgpod.exporter.model.SidecarPage;

/** The latest page of one other sidecar. */
final class SidecarWatch {
    /** A sidecar that takes longer to answer is down. */
    static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final MergeTarget target;
    private final SharedRun run;

    private volatile SidecarPage last;

    SidecarWatch(MergeTarget target, Executor threads, LongSupplier clockMillis) {
        this.target = target;
        this.last = down();
        this.run = new SharedRun(
                "sidecar " + target.name(), _ -> last = SidecarPages.read(target, TIMEOUT), threads, clockMillis);
    }

    SharedRun.Run ask() {
        return run.join();
    }

    /** The page to show now; a sidecar that sends its page byte by byte is as down as one that sends none. */
    SidecarPage pageAt(long nowMillis) {
        boolean tooLong = run.underWay()
                .filter(under -> nowMillis - under.startedAtMillis() >= 2 * TIMEOUT.toMillis())
                .isPresent();
        return tooLong ? down() : last;
    }

    private SidecarPage down() {
        return new SidecarPage(target.name(), false, List.of());
    }
}
