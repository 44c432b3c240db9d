package org.pgpod.extensionloader.loop;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.model.InstalledExtension;
import org.pgpod.extensionloader.model.InstalledSet;
import org.pgpod.extensionloader.model.Plan;
import org.pgpod.extensionloader.source.Repositories;
import org.pgpod.extensionloader.sql.AgentStatus;
import org.pgpod.extensionloader.sql.ExtensionCreator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass at a time: reads the desired list, brings in what is missing, reports, and creates extensions. A failure is
 * tried again with growing pauses, and at once when the desired list changes.
 */
public final class ExtensionLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ExtensionLoop.class);
    private static final String LIST = "desired list";
    private static final String EXTENSION = "extension ";
    private static final String REPOSITORY = "repository ";

    private final DesiredList list;
    private final Synchronizer synchronizer;
    private final Creations creations;
    private final LoaderMeters meters;
    private final InstantSource clock;
    private final Journal journal = new Journal();

    private List<DesiredExtension> desired = List.of();
    private InstalledSet loaded = InstalledSet.EMPTY;
    private boolean settled;
    private Backoff syncs;
    private volatile boolean passed;

    /** How long to wait between tries of what failed. */
    public record Retry(Duration least, Duration most) {}

    public ExtensionLoop(
            DesiredList list,
            Synchronizer synchronizer,
            AgentStatus agent,
            ExtensionCreator creator,
            LoaderMeters meters,
            Retry retry,
            InstantSource clock) {
        this.list = list;
        this.synchronizer = synchronizer;
        this.meters = meters;
        this.clock = clock;
        this.syncs = Backoff.none(retry.least(), retry.most());
        this.creations = new Creations(agent, creator, journal, meters, syncs);
    }

    /** Passes with this pause between them until the thread is interrupted. A surprise ends one pass, not the loop. */
    public void run(Duration interval) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                try {
                    pass();
                } catch (RuntimeException surprise) {
                    LOG.error("a pass ended with a surprise", surprise);
                }
                Thread.sleep(interval);
            } catch (InterruptedException end) {
                return;
            }
        }
    }

    /** Tries until nothing is missing or {@code limit} is over; true if nothing is. Needs no running server. */
    public boolean loadWithin(Duration limit, Duration interval) throws InterruptedException {
        Instant end = clock.instant().plus(limit);
        while (!load()) {
            if (!clock.instant().plus(interval).isBefore(end)) {
                return false;
            }
            Thread.sleep(interval);
        }
        return true;
    }

    /** One pass of everything. */
    public void pass() throws InterruptedException {
        load();
        creations.pass(desired, loaded, clock.instant());
        passed = true;
    }

    /** The part of a pass that needs no running server: brings in what is missing. True if nothing is missing now. */
    boolean load() throws InterruptedException {
        readList();
        Instant now = clock.instant();
        if (!settled && syncs.allows(now)) {
            sync(now);
        }
        return settled;
    }

    private void readList() {
        DesiredList.Reading reading = list.read();
        if (reading.problem().isPresent()) {
            meters.failed(LoaderMeters.Phase.DESIRED);
            journal.note(LIST, reading.problem().get(), Journal.Weight.TROUBLE);
            return;
        }
        journal.note(LIST, reading.extensions().size() + " extensions", Journal.Weight.NEWS);
        if (!reading.extensions().equals(desired) || !passed) {
            desired = reading.extensions();
            settled = false;
            syncs = passed ? syncs.reset() : syncs;
        }
    }

    private void sync(Instant now) throws InterruptedException {
        try {
            Synchronizer.Report report = synchronizer.sync(desired, now);
            loaded = report.loaded();
            settled = report.complete();
            tell(report);
            meters.downloaded(report.downloadedBytes());
        } catch (IOException e) {
            meters.failed(LoaderMeters.Phase.INSTALL);
            settled = false;
            journal.note("synchronization", "failed: " + e.getMessage(), Journal.Weight.TROUBLE);
            LOG.debug("synchronization failed", e);
        }
        Instant end = clock.instant();
        meters.synced(Duration.between(now, end));
        meters.counts(desired.size(), loaded.extensions().size());
        syncs = settled ? syncs.reset() : syncs.afterFailure(end);
    }

    private void tell(Synchronizer.Report report) {
        journal.forgetOthers("synchronization", Set.of());
        Set<String> extensions = new HashSet<>();
        for (InstalledExtension extension : report.loaded().extensions()) {
            extensions.add(EXTENSION + extension.name());
            journal.note(
                    EXTENSION + extension.name(),
                    "loaded version " + extension.defaultVersion() + origin(extension),
                    Journal.Weight.NEWS);
        }
        tell(report.planProblems(), LoaderMeters.Phase.PLAN, extensions);
        tell(report.installProblems(), LoaderMeters.Phase.INSTALL, extensions);
        journal.forgetOthers(EXTENSION, extensions);
        Set<String> repositories = new HashSet<>();
        for (Repositories.Failure failure : report.repositoryFailures()) {
            repositories.add(REPOSITORY + failure.repository());
            meters.failed(LoaderMeters.Phase.REPOSITORY);
            String instead = failure.kept() ? "; its earlier index is used" : "; it offers nothing";
            journal.note(REPOSITORY + failure.repository(), failure.reason() + instead, Journal.Weight.TROUBLE);
        }
        journal.forgetOthers(REPOSITORY, repositories);
    }

    private static String origin(InstalledExtension extension) {
        int others = extension.packages().size() - 1;
        return extension.packages().stream()
                .filter(part -> part.name().equals(extension.packageName()))
                .findFirst()
                .map(root -> " from " + root + (others > 0 ? " and " + others + " packages it needs" : ""))
                .orElse(" of the image");
    }

    private void tell(List<Plan.Problem> problems, LoaderMeters.Phase phase, Set<String> extensions) {
        for (Plan.Problem problem : problems) {
            meters.failed(phase);
            extensions.add(EXTENSION + problem.extension());
            journal.note(EXTENSION + problem.extension(), "not loaded: " + problem.reason(), Journal.Weight.TROUBLE);
        }
    }

    /** The state of each subject, for people. */
    public Map<String, String> states() {
        return journal.states();
    }

    /** Whether a first pass has been completed. */
    public boolean passed() {
        return passed;
    }
}
