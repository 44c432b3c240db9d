package org.pgpod.extensionloader.model;

import java.util.Comparator;
import java.util.List;

/**
 * An extension that this pod's Postgres can load.
 *
 * @param name the name {@code CREATE EXTENSION} uses
 * @param packageName the package that holds its control file
 * @param defaultVersion what its control file calls itself
 * @param packages every package it needs beyond the image, by name
 */
public record InstalledExtension(
        String name, String packageName, String defaultVersion, List<InstalledPackage> packages) {

    public InstalledExtension {
        packages = packages.stream()
                .sorted(Comparator.comparing(InstalledPackage::name))
                .toList();
    }

    /** Whether it is what {@code desired} asks for, so that nothing needs to be fetched. */
    public boolean fulfils(DesiredExtension desired, LockFile lock) {
        boolean rightVersion = desired.version()
                .map(wanted -> packages.stream()
                        .filter(candidate -> candidate.name().equals(packageName))
                        .anyMatch(candidate -> candidate.version().satisfiesRequest(wanted)))
                .orElse(true);
        return name.equals(desired.name()) && rightVersion && packages.stream().allMatch(lock::allows);
    }
}
