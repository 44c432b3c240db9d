package org.pgpod.extensionloader.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packages that verified indices offer, as far as they were asked for. */
public final class Catalog {
    // Newest first; the digest makes the order total when two repositories offer the same version.
    private static final Comparator<DebPackage> PREFERENCE = Comparator.comparing(DebPackage::version)
            .reversed()
            .thenComparing(DebPackage::name)
            .thenComparing(candidate -> candidate.sha256().hex());

    private final Map<String, List<DebPackage>> byName;

    public Catalog(List<DebPackage> packages) {
        Map<String, List<DebPackage>> grouped = new HashMap<>();
        for (DebPackage candidate : packages) {
            grouped.computeIfAbsent(candidate.name(), name -> new ArrayList<>()).add(candidate);
            for (PackageRelation provision : candidate.provides()) {
                grouped.computeIfAbsent(provision.name(), name -> new ArrayList<>())
                        .add(candidate);
            }
        }
        grouped.values().forEach(list -> list.sort(PREFERENCE));
        byName = Map.copyOf(grouped);
    }

    /** Packages that have or provide {@code name}: real ones first, each group by falling version. */
    public List<DebPackage> offering(String name) {
        List<DebPackage> offers = byName.getOrDefault(name, List.of());
        List<DebPackage> ordered = new ArrayList<>(offers.stream()
                .filter(offer -> offer.name().equals(name))
                .distinct()
                .toList());
        offers.stream().filter(offer -> !offer.name().equals(name)).distinct().forEach(ordered::add);
        return ordered;
    }
}
