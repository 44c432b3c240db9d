package org.pgpod.extensionloader.model;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Everything that was loaded beyond the image. Two pods with equal digests can load the same libraries. */
public record InstalledSet(List<InstalledExtension> extensions) {

    /** Nothing beyond the image. */
    public static final InstalledSet EMPTY = new InstalledSet(List.of());

    public InstalledSet {
        extensions = extensions.stream()
                .sorted(Comparator.comparing(InstalledExtension::name))
                .toList();
    }

    /** The extension of this name, if it is there. */
    public Optional<InstalledExtension> extension(String name) {
        return extensions.stream()
                .filter(extension -> extension.name().equals(name))
                .findFirst();
    }

    /** Every package, once. */
    public List<InstalledPackage> packages() {
        return extensions.stream()
                .flatMap(extension -> extension.packages().stream())
                .distinct()
                .sorted(Comparator.comparing(InstalledPackage::name))
                .toList();
    }

    /** The same set with {@code extension} added or replaced. */
    public InstalledSet with(InstalledExtension extension) {
        List<InstalledExtension> others = extensions.stream()
                .filter(other -> !other.name().equals(extension.name()))
                .toList();
        return new InstalledSet(
                Stream.concat(others.stream(), Stream.of(extension)).toList());
    }

    /** The part of this set that {@code desired} names. */
    public InstalledSet only(List<DesiredExtension> desired) {
        return new InstalledSet(extensions.stream()
                .filter(extension -> desired.stream().anyMatch(d -> d.name().equals(extension.name())))
                .toList());
    }

    /** The part of this set that is already as {@code desired} and {@code lock} want it. */
    public InstalledSet fulfilling(List<DesiredExtension> desired, LockFile lock) {
        return new InstalledSet(extensions.stream()
                .filter(extension -> desired.stream().anyMatch(d -> extension.fulfils(d, lock)))
                .toList());
    }

    /** Depends on the extensions' names and their packages' contents only, not on order, time or place. */
    public Sha256 digest() {
        TreeSet<String> lines = new TreeSet<>();
        for (InstalledExtension extension : extensions) {
            lines.add("extension " + extension.name());
            for (InstalledPackage part : extension.packages()) {
                lines.add("package " + part.name() + " " + part.version() + " " + part.sha256());
            }
        }
        return Sha256.of(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }
}
