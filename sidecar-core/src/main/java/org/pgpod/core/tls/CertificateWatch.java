package org.pgpod.core.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current certificate of a mounted directory. {@link #check} reloads it when the content has changed; while the new
 * files are not usable, the last good pair stays in use and {@link #problem} says why.
 */
public final class CertificateWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final Path directory;
    private final Consumer<CertificatePair> changed;
    private volatile CertificatePair current;
    private volatile Optional<String> problem = Optional.empty();

    private CertificateWatch(Path directory, CertificatePair first, Consumer<CertificatePair> changed) {
        this.directory = directory;
        this.current = first;
        this.changed = changed;
    }

    /** Loads the first pair, which must be usable, and hands it to {@code changed}, as every later one. */
    public static CertificateWatch open(Path directory, Consumer<CertificatePair> changed) throws IOException {
        CertificatePair first = CertificateFiles.load(directory);
        changed.accept(first);
        return new CertificateWatch(directory, first, changed);
    }

    public CertificatePair current() {
        return current;
    }

    /** Why the files as they are now cannot be used; empty while they can. */
    public Optional<String> problem() {
        return problem;
    }

    /** Looks at the files once. Called at a cadence by the owner, from one thread. */
    public void check() {
        try {
            CertificatePair loaded = CertificateFiles.load(directory);
            problem = Optional.empty();
            if (!loaded.digest().equals(current.digest())) {
                changed.accept(loaded);
                current = loaded;
                LOG.info("certificate reloaded directory={} expires={}", directory, loaded.expiresAt());
            }
        } catch (IOException unusable) {
            String reason = String.valueOf(unusable.getMessage());
            if (!problem.equals(Optional.of(reason))) {
                LOG.error(
                        "certificate not reloaded, the last good one stays directory={} reason={}", directory, reason);
            }
            problem = Optional.of(reason);
        }
    }
}
