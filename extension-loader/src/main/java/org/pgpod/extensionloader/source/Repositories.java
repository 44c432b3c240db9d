package org.pgpod.extensionloader.source;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgpod.extensionloader.model.Catalog;
import org.pgpod.extensionloader.model.DebPackage;
import org.pgpod.extensionloader.model.ImagePackages;
import org.pgpod.extensionloader.model.Sha256;

/**
 * The package repositories this pod may load from. What they hand out was signed by a pinned key and has the promised
 * digest; a repository that does not prove itself offers nothing and is named in {@link Offer#failures}.
 */
public final class Repositories {
    private static final int NAMES_MAX = 50_000;

    private final Configuration configuration;

    /**
     * Where to look, whom to believe, and how much to read.
     *
     * @param aptDirectory apt's configuration: sources.list, sources.list.d, trusted.gpg.d
     * @param explicit repositories in either format of sources.list(5) instead of those in {@code aptDirectory}
     * @param architecture Debian's name of the server's architecture
     * @param cache where verified indices are kept
     * @param refresh how old a verified index may grow before it is fetched again
     */
    public record Configuration(
            Path aptDirectory,
            Optional<String> explicit,
            String architecture,
            Path cache,
            Duration refresh,
            Limits limits) {}

    /** What repositories offer of the names asked for, and what is wrong with those that offer nothing. */
    public record Offer(Catalog catalog, List<Failure> failures) {
        public Offer {
            failures = List.copyOf(failures);
        }
    }

    /**
     * A repository that could not be used as it should be.
     *
     * @param kept whether the indices of an earlier refresh served instead
     */
    public record Failure(String repository, String reason, boolean kept) {}

    public Repositories(Configuration configuration) {
        this.configuration = configuration;
    }

    /** What is offered for {@code names} and for everything these may depend on outside {@code image}. */
    public Offer offer(Set<String> names, ImagePackages image, Instant now) throws InterruptedException {
        List<Failure> failures = new ArrayList<>();
        List<PackageIndex> indices = new ArrayList<>();
        try (Fetcher fetcher = new Fetcher(configuration.limits().timeout())) {
            for (RepositorySuite suite : suites(failures)) {
                open(suite, fetcher, now, failures, indices);
            }
            return new Offer(reachable(names, image, indices, failures), failures);
        } finally {
            indices.forEach(PackageIndex::close);
        }
    }

    /** Downloads a package to {@code target}, which must not exist, and leaves nothing there unless its digest is right. */
    public void fetch(DebPackage wanted, Path target) throws IOException, InterruptedException {
        if (wanted.sizeBytes() > configuration.limits().packageBytesMax()) {
            throw new Untrusted(wanted + " would be " + wanted.sizeBytes() + " bytes");
        }
        URI source = URI.create(wanted.repository() + wanted.filename());
        try (Fetcher fetcher = new Fetcher(configuration.limits().timeout())) {
            Sha256 digest = fetcher.fetch(source, target, wanted.sizeBytes());
            if (!digest.equals(wanted.sha256())) {
                throw new Untrusted(wanted + " has digest " + digest + " where the index promises " + wanted.sha256());
            }
        } catch (IOException | InterruptedException e) {
            Files.deleteIfExists(target);
            throw e;
        }
    }

    private List<RepositorySuite> suites(List<Failure> failures) {
        AptSources sources = new AptSources(configuration.architecture());
        try {
            List<RepositorySuite> suites = configuration.explicit().isPresent()
                    ? sources.readText(configuration.explicit().get())
                    : sources.readDirectory(configuration.aptDirectory());
            if (suites.isEmpty()) {
                failures.add(new Failure("configuration", "no package repository is configured", false));
            }
            return suites;
        } catch (IOException | IllegalArgumentException e) {
            failures.add(new Failure("configuration", String.valueOf(e.getMessage()), false));
            return List.of();
        }
    }

    private void open(
            RepositorySuite suite, Fetcher fetcher, Instant now, List<Failure> failures, List<PackageIndex> indices)
            throws InterruptedException {
        Path cache = configuration.cache();
        SuiteMirror mirror =
                new SuiteMirror(suite, configuration.aptDirectory(), cache, fetcher, configuration.limits());
        String architecture = configuration.architecture();
        try {
            List<Path> files;
            try {
                files = mirror.indices(architecture, now, configuration.refresh());
            } catch (IOException e) {
                Optional<List<Path>> earlier = mirror.fallback(architecture, now);
                failures.add(new Failure(suite.toString(), String.valueOf(e.getMessage()), earlier.isPresent()));
                files = earlier.orElse(List.of());
            }
            for (Path file : files) {
                indices.add(PackageIndex.open(file, suite.uri().toString()));
            }
        } catch (IOException | RuntimeException e) {
            failures.add(new Failure(suite.toString(), String.valueOf(e.getMessage()), false));
        }
    }

    /** Follows every alternative, since only the resolver decides which one is taken. */
    private static Catalog reachable(
            Set<String> names, ImagePackages image, List<PackageIndex> indices, List<Failure> failures) {
        Deque<String> open = new ArrayDeque<>(names);
        Set<String> seen = new HashSet<>(names);
        Set<DebPackage> found = new LinkedHashSet<>();
        while (!open.isEmpty() && seen.size() < NAMES_MAX) {
            String name = open.remove();
            for (PackageIndex index : indices) {
                try {
                    for (DebPackage candidate : index.offering(name)) {
                        if (found.add(candidate)) {
                            candidate.dependencies().stream()
                                    .flatMap(dependency -> dependency.alternatives().stream())
                                    .map(alternative -> alternative.name())
                                    .filter(needed -> !image.contains(needed) && seen.add(needed))
                                    .forEach(open::add);
                        }
                    }
                } catch (Untrusted e) {
                    failures.add(new Failure("package " + name, String.valueOf(e.getMessage()), false));
                }
            }
        }
        return new Catalog(List.copyOf(found));
    }
}
