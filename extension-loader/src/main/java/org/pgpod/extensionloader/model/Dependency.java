package org.pgpod.extensionloader.model;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a package needs: any one of the alternatives, the first being preferred. */
public record Dependency(List<PackageRelation> alternatives) {

    public Dependency {
        alternatives = List.copyOf(alternatives);
        if (alternatives.isEmpty()) {
            throw new IllegalArgumentException("a dependency needs an alternative");
        }
    }

    /** Reads a {@code Depends} field; an empty field means no dependency. */
    public static List<Dependency> parseAll(String field) {
        List<Dependency> dependencies = new ArrayList<>();
        for (String group : field.split(",", -1)) {
            if (group.isBlank()) {
                continue;
            }
            List<PackageRelation> alternatives = new ArrayList<>();
            for (String alternative : group.split("\\|", -1)) {
                alternatives.add(PackageRelation.parse(alternative));
            }
            dependencies.add(new Dependency(alternatives));
        }
        return List.copyOf(dependencies);
    }

    @Override
    public String toString() {
        return alternatives.stream().map(PackageRelation::toString).collect(Collectors.joining(" | "));
    }
}
