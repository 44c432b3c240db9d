package org.pgpod.extensionloader.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.extensionloader.install.InstalledFiles;
import org.pgpod.extensionloader.install.PackageStore;
import org.pgpod.extensionloader.install.RelocatedTree;
import org.pgpod.extensionloader.install.ServerImage;
import org.pgpod.extensionloader.model.DebPackage;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.model.ImagePackages;
import org.pgpod.extensionloader.model.InstalledExtension;
import org.pgpod.extensionloader.model.InstalledPackage;
import org.pgpod.extensionloader.model.InstalledSet;
import org.pgpod.extensionloader.model.LockFile;
import org.pgpod.extensionloader.model.Plan;
import org.pgpod.extensionloader.resolve.PackageNames;
import org.pgpod.extensionloader.resolve.Resolver;
import org.pgpod.extensionloader.source.Repositories;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the store and the tree hold what is wanted. What cannot be had is named and holds up nothing else; what a running
 * server may use is never taken away: an extension that is no longer wanted stays linked, and only leaves the report.
 */
public final class Synchronizer {
    private static final Logger LOG = LoggerFactory.getLogger(Synchronizer.class);

    private final Parts parts;
    private InstalledSet installed = InstalledSet.EMPTY;
    private String announced = "";

    /**
     * What a synchronizer works with.
     *
     * @param declaredPackages names to be taken as part of the image
     * @param lockFile pins, read again at each plan
     */
    public record Parts(
            ServerImage image,
            PackageNames names,
            Set<String> declaredPackages,
            Optional<Path> lockFile,
            Repositories repositories,
            PackageStore store,
            RelocatedTree tree,
            InstalledFiles files) {}

    /**
     * What a pass came to.
     *
     * @param loaded the wanted extensions that can be loaded
     * @param planProblems wanted extensions for which there is no plan
     * @param installProblems wanted extensions whose packages could not be brought in
     * @param repositoryFailures repositories that could not be used as they should be
     * @param downloadedBytes size of the packages fetched
     */
    public record Report(
            InstalledSet loaded,
            List<Plan.Problem> planProblems,
            List<Plan.Problem> installProblems,
            List<Repositories.Failure> repositoryFailures,
            long downloadedBytes) {
        public Report {
            planProblems = List.copyOf(planProblems);
            installProblems = List.copyOf(installProblems);
            repositoryFailures = List.copyOf(repositoryFailures);
        }

        boolean complete() {
            return planProblems.isEmpty() && installProblems.isEmpty();
        }
    }

    public Synchronizer(Parts parts) {
        this.parts = parts;
    }

    /** Builds the tree from the image and from what the store already holds. Postgres can start from it afterwards. */
    public void open() throws IOException {
        parts.store().prepare();
        InstalledSet usable = InstalledSet.EMPTY;
        for (InstalledExtension remembered : parts.files().recall().extensions()) {
            InstalledSet further = usable.with(remembered);
            if (stillLoadable(remembered, further.packages())) {
                usable = further;
            }
        }
        parts.tree().apply(usable.packages());
        installed = usable;
    }

    /** The image may have changed since: it may now hold what a package held, or lack what it held itself. */
    private boolean stillLoadable(InstalledExtension remembered, List<InstalledPackage> packages) throws IOException {
        return remembered.packages().stream().allMatch(part -> parts.store().contains(part.sha256()))
                && parts.tree().conflicts(packages).isEmpty()
                && parts.tree().extensions(packages).contains(remembered.name());
    }

    /** What would be done for {@code desired}; only verified indices are read for it, and nothing is changed. */
    public Plan plan(List<DesiredExtension> desired, Instant now) throws IOException, InterruptedException {
        return plan(desired, offer(desired, now));
    }

    private Repositories.Offer offer(List<DesiredExtension> desired, Instant now)
            throws IOException, InterruptedException {
        Set<String> wanted = new LinkedHashSet<>();
        desired.forEach(extension -> wanted.addAll(parts.names().candidates(extension.name())));
        return parts.repositories().offer(wanted, imagePackages(), now);
    }

    private Plan plan(List<DesiredExtension> desired, Repositories.Offer offer) throws IOException {
        return new Resolver(parts.names(), offer.catalog(), imagePackages(), lock()).plan(desired, installed);
    }

    private ImagePackages imagePackages() throws IOException {
        return parts.image().packages(parts.declaredPackages());
    }

    private LockFile lock() throws IOException {
        if (parts.lockFile().isEmpty()) {
            return LockFile.NONE;
        }
        try {
            return LockFile.parse(Files.readString(parts.lockFile().get()));
        } catch (IllegalArgumentException e) {
            throw new IOException("lock file " + parts.lockFile().get() + ": " + e.getMessage(), e);
        }
    }

    /** Brings in what is wanted and missing, and writes the report. Without anything missing it touches no network. */
    public Report sync(List<DesiredExtension> desired, Instant now) throws IOException, InterruptedException {
        adoptFromImage(desired);
        List<Plan.Problem> installProblems = new ArrayList<>();
        Plan plan = new Plan(List.of(), List.of());
        List<Repositories.Failure> failures = List.of();
        long bytes = 0;
        LockFile lock = lock();
        List<DesiredExtension> missing = desired.stream()
                .filter(wanted -> installed
                        .extension(wanted.name())
                        .filter(present -> present.fulfils(wanted, lock))
                        .isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            Repositories.Offer offer = offer(missing, now);
            failures = offer.failures();
            plan = plan(desired, offer);
            announce(plan);
            for (Plan.Addition addition : plan.additions()) {
                try {
                    bytes += install(addition);
                } catch (IOException e) {
                    installProblems.add(new Plan.Problem(addition.desired().name(), String.valueOf(e.getMessage())));
                }
            }
        }
        InstalledSet loaded = installed.only(desired);
        parts.files().report(loaded);
        return new Report(loaded, plan.problems(), installProblems, failures, bytes);
    }

    /** A plan is shown before it is carried out; one that is tried again is not shown again. */
    private void announce(Plan plan) {
        String text = plan.describe();
        if (!text.equals(announced)) {
            announced = text;
            LOG.info("plan {}", text);
        }
    }

    /** What the image has itself needs no package. */
    private void adoptFromImage(List<DesiredExtension> desired) throws IOException {
        for (DesiredExtension wanted : desired) {
            if (wanted.version().isEmpty() && installed.extension(wanted.name()).isEmpty()) {
                Optional<String> version = parts.tree().defaultVersion(wanted.name());
                if (version.isPresent()) {
                    keep(new InstalledExtension(wanted.name(), "", version.get(), List.of()));
                }
            }
        }
    }

    private long install(Plan.Addition addition) throws IOException, InterruptedException {
        long bytes = 0;
        Map<String, InstalledPackage> packages = new LinkedHashMap<>();
        for (DebPackage wanted : addition.fetch()) {
            if (!parts.store().contains(wanted.sha256())) {
                Path deb = parts.store().newDownload(wanted.sha256());
                parts.repositories().fetch(wanted, deb);
                try {
                    parts.store().add(wanted.sha256(), deb);
                } catch (IOException e) {
                    throw new IOException("package " + wanted + ": " + e.getMessage(), e);
                } finally {
                    Files.deleteIfExists(deb);
                }
                bytes += wanted.sizeBytes();
            }
            packages.put(wanted.name(), InstalledPackage.of(wanted));
        }
        addition.reuse().forEach(part -> packages.putIfAbsent(part.name(), part));
        link(addition, List.copyOf(packages.values()));
        return bytes;
    }

    private void link(Plan.Addition addition, List<InstalledPackage> packages) throws IOException {
        String name = addition.desired().name();
        List<InstalledPackage> all = together(name, packages);
        List<String> conflicts = parts.tree().conflicts(all);
        if (!conflicts.isEmpty()) {
            throw new IOException(String.join("; ", conflicts));
        }
        if (!parts.tree().extensions(all).contains(name)) {
            throw new IOException("package " + addition.root() + " does not hold extension " + name
                    + "; name the right one in extensionLoader.packages");
        }
        parts.tree().apply(all);
        String version = parts.tree().defaultVersion(name).orElse("");
        keep(new InstalledExtension(name, addition.root(), version, packages));
    }

    /** The new packages first: of two versions of one package, the tree takes the earlier in the list. */
    private List<InstalledPackage> together(String name, List<InstalledPackage> packages) {
        List<InstalledPackage> all = new ArrayList<>(packages);
        installed.extensions().stream()
                .filter(other -> !other.name().equals(name))
                .forEach(other -> all.addAll(other.packages()));
        return all;
    }

    private void keep(InstalledExtension extension) throws IOException {
        installed = installed.with(extension);
        parts.files().remember(installed);
    }
}
