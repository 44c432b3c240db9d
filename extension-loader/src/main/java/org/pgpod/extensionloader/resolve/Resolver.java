package org.pgpod.extensionloader.resolve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.extensionloader.model.Catalog;
import org.pgpod.extensionloader.model.DebPackage;
import org.pgpod.extensionloader.model.Dependency;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.model.ImagePackages;
import org.pgpod.extensionloader.model.InstalledPackage;
import org.pgpod.extensionloader.model.InstalledSet;
import org.pgpod.extensionloader.model.LockFile;
import org.pgpod.extensionloader.model.PackageRelation;
import org.pgpod.extensionloader.model.Plan;

/**
 * Plans what to load: the package of each desired extension and what that needs beyond the image.
 *
 * <p>The image's packages are never replaced, and what is installed stays as long as it satisfies. A choice is not
 * revised later in the same plan: where a solver would search, this says what contradicts, and a person decides.
 */
public final class Resolver {
    /** No extension in Debian comes near it; a larger closure means that the image's package list is wrong. */
    static final int CLOSURE_MAX = 256;

    private final PackageNames names;
    private final Catalog catalog;
    private final ImagePackages image;
    private final LockFile lock;

    public Resolver(PackageNames names, Catalog catalog, ImagePackages image, LockFile lock) {
        this.names = names;
        this.catalog = catalog;
        this.image = image;
        this.lock = lock;
    }

    /** The plan that makes {@code desired} true, given what is installed. */
    public Plan plan(List<DesiredExtension> desired, InstalledSet installed) {
        List<Plan.Addition> additions = new ArrayList<>();
        List<Plan.Problem> problems = new ArrayList<>();
        InstalledSet kept = installed.fulfilling(desired, lock);
        // Packages chosen for one extension bind the next: one tree holds one version of each.
        Map<String, DebPackage> chosen = new LinkedHashMap<>();
        for (DesiredExtension extension : desired) {
            if (kept.extension(extension.name()).isPresent()) {
                continue;
            }
            try {
                Closure closure = new Closure(chosen, kept);
                Plan.Addition addition = closure.of(extension);
                addition.fetch().forEach(fetched -> chosen.put(fetched.name(), fetched));
                additions.add(addition);
            } catch (Unresolvable e) {
                problems.add(new Plan.Problem(extension.name(), e.reason));
            }
        }
        return new Plan(additions, problems);
    }

    /** The packages of one extension while they are gathered. */
    private final class Closure {
        private final Map<String, DebPackage> chosen;
        private final InstalledSet kept;
        private final Map<String, DebPackage> fetch = new LinkedHashMap<>();
        private final Map<String, InstalledPackage> reuse = new LinkedHashMap<>();

        Closure(Map<String, DebPackage> chosen, InstalledSet kept) {
            this.chosen = chosen;
            this.kept = kept;
        }

        Plan.Addition of(DesiredExtension extension) {
            if (image.isEmpty()) {
                throw new Unresolvable("the image's package list is unknown (no dpkg status, none configured)");
            }
            DebPackage root = root(extension);
            Deque<DebPackage> open = new ArrayDeque<>(List.of(root));
            fetch.put(root.name(), root);
            while (!open.isEmpty()) {
                DebPackage next = open.remove();
                for (Dependency dependency : next.dependencies()) {
                    satisfy(next, dependency).ifPresent(open::add);
                }
                if (fetch.size() > CLOSURE_MAX) {
                    throw new Unresolvable("needs more than " + CLOSURE_MAX + " packages");
                }
            }
            return new Plan.Addition(extension, root.name(), List.copyOf(fetch.values()), List.copyOf(reuse.values()));
        }

        private DebPackage root(DesiredExtension extension) {
            List<String> candidates = names.candidates(extension.name());
            List<String> refused = new ArrayList<>();
            for (String candidate : candidates) {
                for (DebPackage offer : catalog.offering(candidate)) {
                    Optional<String> objection = objectionToRoot(offer, extension);
                    if (objection.isEmpty()) {
                        return offer;
                    }
                    refused.add(objection.get());
                }
            }
            throw new Unresolvable(
                    refused.isEmpty()
                            ? "no repository offers any of " + String.join(", ", candidates)
                            : String.join("; ", refused));
        }

        private Optional<String> objectionToRoot(DebPackage offer, DesiredExtension extension) {
            if (extension
                    .version()
                    .filter(v -> !offer.version().satisfiesRequest(v))
                    .isPresent()) {
                return Optional.of(
                        offer + " is not version " + extension.version().orElseThrow());
            }
            return objection(offer);
        }

        /** Why {@code offer} may not be loaded, whatever asks for it. */
        private Optional<String> objection(DebPackage offer) {
            DebPackage taken = fetch.getOrDefault(offer.name(), chosen.getOrDefault(offer.name(), offer));
            if (!taken.equals(offer)) {
                return Optional.of("this plan already takes " + taken);
            }
            if (image.contains(offer.name())) {
                return Optional.of(offer + " is part of the image and cannot be replaced");
            }
            if (!lock.allows(offer.name(), offer.version(), offer.sha256())) {
                return Optional.of(offer + " is not in the lock file");
            }
            return kept.packages().stream()
                    .filter(part -> part.name().equals(offer.name()))
                    .filter(part -> !part.sha256().equals(offer.sha256()))
                    .map(part -> part + " is loaded for another extension, so " + offer + " cannot be")
                    .findFirst();
        }

        /** Empty if the dependency is already met, else the package that was taken for it. */
        private Optional<DebPackage> satisfy(DebPackage by, Dependency dependency) {
            for (PackageRelation alternative : dependency.alternatives()) {
                if (image.satisfies(alternative)
                        || fetch.values().stream().anyMatch(taken -> taken.satisfies(alternative))
                        || reuse.values().stream().anyMatch(taken -> taken.satisfies(alternative))) {
                    return Optional.empty();
                }
            }
            List<String> refused = new ArrayList<>();
            for (PackageRelation alternative : dependency.alternatives()) {
                if (reuseInstalled(alternative)) {
                    return Optional.empty();
                }
                for (DebPackage offer : catalog.offering(alternative.name())) {
                    Optional<String> objection = objectionToPart(offer, alternative);
                    if (objection.isEmpty()) {
                        fetch.put(offer.name(), offer);
                        return Optional.of(offer);
                    }
                    refused.add(objection.get());
                }
            }
            String why = refused.isEmpty() ? "" : ": " + String.join("; ", refused);
            throw new Unresolvable(by + " needs " + dependency + ", which nothing satisfies" + why);
        }

        /** An installed package may only be reused with all it needed itself, which is what its extension lists. */
        private boolean reuseInstalled(PackageRelation alternative) {
            for (var extension : kept.extensions()) {
                boolean has = extension.packages().stream()
                        .anyMatch(part -> part.satisfies(alternative) && !fetch.containsKey(part.name()));
                if (has && extension.packages().stream().allMatch(this::reusable)) {
                    extension.packages().forEach(part -> reuse.put(part.name(), part));
                    return true;
                }
            }
            return false;
        }

        private boolean reusable(InstalledPackage part) {
            return lock.allows(part) && !fetch.containsKey(part.name());
        }

        private Optional<String> objectionToPart(DebPackage offer, PackageRelation wanted) {
            if (!offer.satisfies(wanted)) {
                return Optional.of(offer + " does not satisfy " + wanted);
            }
            return objection(offer);
        }
    }

    /** Ends the search for one extension; never leaves this class. */
    private static final class Unresolvable extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String reason;

        Unresolvable(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }
    }
}
