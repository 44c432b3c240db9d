package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.pgpod.haagent.model.PodOutlook;
import org.pgpod.haagent.model.port.OutlookPort;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API every {@link #POD_INTERVAL} whether this pod is to go, and every {@link #NODE_INTERVAL} whether its node
 * is cordoned. That the pod goes is kept for good, for Kubernetes never takes it back; of a node that cannot be read
 * nothing is assumed.
 */
public final class OutlookWatch {
    static final Duration POD_INTERVAL = Duration.ofSeconds(2);
    static final Duration NODE_INTERVAL = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(OutlookWatch.class);

    /** Whether the node is looked at: that needs a right of its own. */
    public enum Extent {
        POD,
        POD_AND_NODE
    }

    private final OutlookPort port;
    private final Extent extent;
    private final Duration timeout;
    private final Consumer<PodOutlook> told;

    // Only one lane touches these.
    private PodOutlook outlook = PodOutlook.CALM;
    private Optional<String> trouble = Optional.empty();

    /** @param told gets each outlook that differs from the one before */
    public OutlookWatch(OutlookPort port, Extent extent, Duration timeout, Consumer<PodOutlook> told) {
        this.port = port;
        this.extent = extent;
        this.timeout = timeout;
        this.told = told;
    }

    public void start(Scheduler scheduler) {
        scheduler.every(Scheduler.Lane.CONFIGURATION, POD_INTERVAL, this::lookAtPod);
        if (extent == Extent.POD_AND_NODE) {
            scheduler.every(Scheduler.Lane.CONFIGURATION, NODE_INTERVAL, this::lookAtNode);
        }
    }

    void lookAtPod() {
        if (!outlook.leaving() && port.leaving(timeout) instanceof Reading.Value<Boolean>(Boolean leaving)) {
            change(new PodOutlook(leaving, outlook.cordoned()));
        }
    }

    void lookAtNode() {
        Reading<Boolean> reading = port.cordoned(timeout);
        Optional<String> failure =
                reading instanceof Reading.Failure<Boolean>(String reason) ? Optional.of(reason) : Optional.empty();
        if (failure.isPresent() && trouble.isEmpty()) {
            LOG.warn("the node cannot be read, nothing is assumed of it reason={}", failure.get());
        }
        trouble = failure;
        change(new PodOutlook(
                outlook.leaving(), reading instanceof Reading.Value<Boolean>(Boolean cordoned) && cordoned));
    }

    private void change(PodOutlook next) {
        if (!next.equals(outlook)) {
            outlook = next;
            LOG.info("outlook leaving={} cordoned={}", next.leaving(), next.cordoned());
            told.accept(next);
        }
    }
}
