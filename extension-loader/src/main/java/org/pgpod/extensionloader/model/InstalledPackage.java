package org.pgpod.extensionloader.model;

import java.util.List;

/** A package whose files are in the store. */
public record InstalledPackage(String name, DebianVersion version, Sha256 sha256, List<PackageRelation> provides) {

    public InstalledPackage {
        provides = List.copyOf(provides);
    }

    /** What {@code offered} becomes when it is installed. */
    public static InstalledPackage of(DebPackage offered) {
        return new InstalledPackage(offered.name(), offered.version(), offered.sha256(), offered.provides());
    }

    /** Whether this package, by its own name or a provided one, is what {@code relation} asks for. */
    public boolean satisfies(PackageRelation relation) {
        if (relation.name().equals(name)) {
            return relation.satisfiedBy(version);
        }
        return provides.stream().anyMatch(relation::satisfiedByProvision);
    }

    @Override
    public String toString() {
        return name + "=" + version;
    }
}
