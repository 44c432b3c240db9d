package org.pgpod.exporter.loop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.exporter.catalog.Catalog;
import org.pgpod.exporter.catalog.CollectorFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the user's collectors again when their files change. While the new ones are not usable all of the last good ones
 * stay, and {@link #problem} says why.
 */
public final class CatalogWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogWatch.class);
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final CollectorFiles files;
    private final Reader reader;
    private final Consumer<Catalog> changed;
    private final ScheduledExecutorService checks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("collector-files").daemon().unstarted(task));

    // Only the checks touch it.
    private List<String> lastRead;

    private volatile Optional<String> problem = Optional.empty();

    /** Makes a catalog of the files as they are. */
    @FunctionalInterface
    public interface Reader {
        Catalog read() throws ConfigurationException;
    }

    /**
     * A watch.
     *
     * @param stateRead the state of the files before they were read for the catalog in use
     * @param changed is given each catalog after that one
     */
    public CatalogWatch(CollectorFiles files, List<String> stateRead, Reader reader, Consumer<Catalog> changed) {
        this.files = files;
        this.lastRead = List.copyOf(stateRead);
        this.reader = reader;
        this.changed = changed;
    }

    /** Looks at the files from now on. */
    public void start() {
        if (configured()) {
            long millis = CHECK_INTERVAL.toMillis();
            var _ = checks.scheduleWithFixedDelay(this::check, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Whether there are files at all. */
    public boolean configured() {
        return files.configured();
    }

    /** Why the files as they are now cannot be used; empty while they can. */
    public Optional<String> problem() {
        return problem;
    }

    private void check() {
        try {
            // Taken before the files are read: what changes meanwhile is read again.
            List<String> state = files.state();
            if (!state.equals(lastRead)) {
                lastRead = state;
                read();
            }
        } catch (RuntimeException surprise) {
            LOG.error("collector files could not be checked", surprise);
        }
    }

    private void read() {
        try {
            Catalog next = reader.read();
            changed.accept(next);
            problem = Optional.empty();
            LOG.info("collectors reloaded count={}", next.collectors().size());
        } catch (ConfigurationException refused) {
            String reason = String.join("; ", refused.problems());
            LOG.error("collectors not reloaded, the last good ones stay reason={}", reason);
            problem = Optional.of(reason);
        }
    }

    @Override
    public void close() {
        checks.shutdownNow();
    }
}
