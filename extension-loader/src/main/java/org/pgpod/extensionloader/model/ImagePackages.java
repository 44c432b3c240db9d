package org.pgpod.extensionloader.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the image of Postgres already holds. Its packages are never replaced: they only satisfy or contradict. */
public final class ImagePackages {
    private final Map<String, DebianVersion> versions;
    private final List<PackageRelation> provisions;
    private final Set<String> declared;

    private ImagePackages(Map<String, DebianVersion> versions, List<PackageRelation> provisions, Set<String> declared) {
        this.versions = Map.copyOf(versions);
        this.provisions = List.copyOf(provisions);
        this.declared = Set.copyOf(declared);
    }

    /**
     * Reads paragraphs of dpkg's status database, of which only installed packages count, and {@code declared}: further
     * names that are to be taken as present in any version.
     */
    public static ImagePackages of(List<Stanza> status, Set<String> declared) {
        Map<String, DebianVersion> versions = new HashMap<>();
        List<PackageRelation> provisions = new ArrayList<>();
        for (Stanza stanza : status) {
            // Minimal images describe their packages without a Status field (status.d): being listed is being there.
            String state = stanza.field("Status").orElse("install ok installed");
            if (state.endsWith(" installed")) {
                versions.put(stanza.required("Package"), DebianVersion.parse(stanza.required("Version")));
                provisions.addAll(DebPackage.provisions(stanza));
            }
        }
        return new ImagePackages(versions, provisions, declared);
    }

    /** Whether nothing is known of the image, so that no closure can be computed. */
    public boolean isEmpty() {
        return versions.isEmpty() && declared.isEmpty();
    }

    /** Whether a package of this name is in the image, so that no other version may be loaded. */
    public boolean contains(String name) {
        return versions.containsKey(name) || declared.contains(name);
    }

    /** Whether the image satisfies {@code relation} by a real, a provided or a declared name. */
    public boolean satisfies(PackageRelation relation) {
        if (declared.contains(relation.name())) {
            return true;
        }
        DebianVersion version = versions.get(relation.name());
        return (version != null && relation.satisfiedBy(version))
                || provisions.stream().anyMatch(relation::satisfiedByProvision);
    }
}
