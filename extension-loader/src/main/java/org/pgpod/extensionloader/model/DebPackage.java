package org.pgpod.extensionloader.model;

import java.util.List;

/**
 * A package as a verified index offers it.
 *
 * @param name package name
 * @param version its version
 * @param dependencies {@code Pre-Depends} and {@code Depends}
 * @param provides virtual names, with {@code =} versions where given
 * @param repository the base address of the repository, which {@code filename} is relative to
 * @param filename path of the {@code .deb} below the repository, without {@code ..}
 * @param sizeBytes exact size of the {@code .deb}
 * @param sha256 digest of the {@code .deb}
 */
public record DebPackage(
        String name,
        DebianVersion version,
        List<Dependency> dependencies,
        List<PackageRelation> provides,
        String repository,
        String filename,
        long sizeBytes,
        Sha256 sha256) {

    public DebPackage {
        dependencies = List.copyOf(dependencies);
        provides = List.copyOf(provides);
        if (filename.startsWith("/") || List.of(filename.split("/", -1)).contains("..")) {
            throw new IllegalArgumentException("file name of package " + name + " leaves the repository");
        }
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("size of package " + name + " is not positive");
        }
    }

    /** Reads one paragraph of a {@code Packages} index of {@code repository}. */
    public static DebPackage of(Stanza stanza, String repository) {
        String needs = stanza.field("Pre-Depends").orElse("")
                + ","
                + stanza.field("Depends").orElse("");
        return new DebPackage(
                stanza.required("Package"),
                DebianVersion.parse(stanza.required("Version")),
                Dependency.parseAll(needs),
                provisions(stanza),
                repository,
                stanza.required("Filename"),
                Long.parseLong(stanza.required("Size")),
                new Sha256(stanza.required("SHA256")));
    }

    /** The virtual names that a paragraph of an index or of dpkg's status provides. */
    static List<PackageRelation> provisions(Stanza stanza) {
        return Dependency.parseAll(stanza.field("Provides").orElse("")).stream()
                .map(dependency -> dependency.alternatives().getFirst())
                .toList();
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
