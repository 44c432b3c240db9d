package org.pgpod.logshipper.loop;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.pgpod.logshipper.parse.PrefixFit;
import org.pgpod.logshipper.tail.Tails;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with the files though they can be read: lines that do not have the configured prefix, files that Postgres is
 * about to overwrite. Each is told in the log when it begins and when it ends, and in {@link #details} as long as it lasts.
 */
final class ReadingWarnings {
    /** The share of lines from which on the configured prefix is taken for wrong. */
    private static final double UNMATCHED_SHARE_MAX = 0.5;

    /** The part of a cycle of names that must be left. */
    private static final int CYCLE_PART = 4;

    private static final Logger LOG = LoggerFactory.getLogger(ReadingWarnings.class);

    private final String sink;
    private final LogShipperSettings settings;
    private final ShipperMeters meters;
    private boolean prefixUnmatched;
    private boolean overtaken;
    private volatile Map<String, String> details = Map.of();

    ReadingWarnings(String sink, LogShipperSettings settings, ShipperMeters meters) {
        this.sink = sink;
        this.settings = settings;
        this.meters = meters;
    }

    /** Facts for {@code /readyz}; empty when nothing is wrong. */
    Map<String, String> details() {
        return details;
    }

    /** Looks again; by the reading thread, after it has looked at the directories. */
    void look(PrefixFit fit, Tails files, long nowMillis) {
        Map<String, String> found = new LinkedHashMap<>();
        lookAtPrefix(fit, found);
        settings.files()
                .nameCycle()
                .ifPresent(cycle -> lookAtNames(files.overwriteMillis(cycle), cycle, nowMillis, found));
        details = Map.copyOf(found);
    }

    private void lookAtPrefix(PrefixFit fit, Map<String, String> found) {
        double share = fit.unmatchedShare();
        meters.unmatchedPrefix(share);
        boolean unmatched = share > UNMATCHED_SHARE_MAX;
        int sampleLength = fit.sampleLength().orElse(0);
        if (unmatched && !prefixUnmatched) {
            LOG.warn(
                    "standard error does not begin with logShipper.logLinePrefix, is that Postgres's log_line_prefix?"
                            + " sink={} logLinePrefix='{}' share={} sampleLength={}",
                    sink,
                    settings.logLinePrefix(),
                    share,
                    sampleLength);
        } else if (prefixUnmatched && !unmatched) {
            LOG.info("standard error begins with logShipper.logLinePrefix again sink={}", sink);
        }
        prefixUnmatched = unmatched;
        if (unmatched) {
            found.put(
                    "logLinePrefix",
                    "'" + settings.logLinePrefix() + "' is not what lines of standard error begin with, such as one of "
                            + sampleLength + " bytes");
        }
    }

    private void lookAtNames(OptionalLong overwriteMillis, Duration cycle, long nowMillis, Map<String, String> found) {
        boolean soon = false;
        double seconds = Double.POSITIVE_INFINITY;
        if (overwriteMillis.isPresent()) {
            Duration left = Duration.ofMillis(Math.max(0, overwriteMillis.getAsLong() - nowMillis));
            seconds = left.toSeconds();
            soon = left.compareTo(cycle.dividedBy(CYCLE_PART)) < 0;
        }
        meters.overwrite(seconds);
        if (soon && !overtaken) {
            LOG.warn(
                    "Postgres will overwrite a log file that is not shipped sink={} seconds={} cycleSeconds={}",
                    sink,
                    seconds,
                    cycle.toSeconds());
        } else if (overtaken && !soon) {
            LOG.info("shipping is ahead of Postgres's rotation again sink={}", sink);
        }
        overtaken = soon;
        if (soon) {
            found.put("overwrite", "Postgres may overwrite a log file that is not shipped in " + (long) seconds + " s");
        }
    }
}
