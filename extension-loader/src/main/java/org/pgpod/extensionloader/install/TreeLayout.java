package org.pgpod.extensionloader.install;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which links make up the relocated tree: a pure function of the image's files and the packages' files.
 *
 * @param links path in the tree to what it stands for
 * @param conflicts why some packages cannot be in one tree, or with this image; nothing may be linked if there are any
 */
record TreeLayout(Map<String, Target> links, List<String> conflicts) {
    private static final Pattern MAJOR_CONTROL = Pattern.compile("(.*/extension/([^/]+?))-[0-9.]+\\.control");

    /** What a link stands for. */
    sealed interface Target {
        /** A path of the image, as the server sees it, starting with a slash. */
        record InImage(String path) implements Target {}

        /** A file of a package, relative to the store. */
        record InStore(String path) implements Target {}
    }

    /**
     * The files of one package.
     *
     * @param name the package
     * @param storeName its directory in the store
     * @param paths its files and links
     */
    record PackageFiles(String name, String storeName, List<String> paths) {}

    TreeLayout {
        links = Map.copyOf(links);
        conflicts = List.copyOf(conflicts);
    }

    /**
     * Lays out a tree.
     *
     * @param image tree paths that the image fills
     * @param imageLibraries file names of the shared libraries that the server may already have loaded from the image
     */
    static TreeLayout of(
            int major, Map<String, String> image, Set<String> imageLibraries, List<PackageFiles> packages) {
        Map<String, Target> links = new TreeMap<>();
        Map<String, String> owners = new HashMap<>();
        List<String> conflicts = new ArrayList<>();
        image.forEach((place, path) -> {
            links.put(place, new Target.InImage(path));
            owners.put(place, "the image");
        });
        for (TreePlace.Rank rank : TreePlace.Rank.values()) {
            for (PackageFiles files : packages) {
                for (String path : files.paths()) {
                    TreePlace.of(path, major)
                            .filter(place -> place.rank() == rank)
                            .ifPresent(place -> put(place, files, path, links, owners, conflicts, imageLibraries));
                }
            }
        }
        addControlAlternatives(links);
        return new TreeLayout(links, conflicts);
    }

    private static void put(
            TreePlace place,
            PackageFiles files,
            String path,
            Map<String, Target> links,
            Map<String, String> owners,
            List<String> conflicts,
            Set<String> imageLibraries) {
        String file = place.path().substring(place.path().lastIndexOf('/') + 1);
        boolean library = place.path().equals("lib/" + file);
        boolean alternative = place.rank() == TreePlace.Rank.ALTERNATIVE;
        if (library && imageLibraries.contains(file)) {
            // The server must keep the library it was built and started with, whatever a package brings.
            if (!alternative) {
                conflicts.add(files.name() + " would shadow library " + file + " of the image");
            }
            return;
        }
        String owner = owners.putIfAbsent(place.path(), files.name());
        if (owner == null) {
            links.put(place.path(), new Target.InStore(files.storeName() + "/" + path));
        } else if (!alternative) {
            conflicts.add(files.name() + " and " + owner + " both hold " + place.path());
        }
    }

    /**
     * Some packages ship {@code x-3.control} and let a maintainer script, which is never run here, choose it as {@code
     * x.control}. That x is an extension shows in its scripts.
     */
    private static void addControlAlternatives(Map<String, Target> links) {
        for (Map.Entry<String, Target> link : List.copyOf(links.entrySet())) {
            Matcher matcher = MAJOR_CONTROL.matcher(link.getKey());
            if (matcher.matches()) {
                String stem = matcher.group(1);
                boolean scripted =
                        links.keySet().stream().anyMatch(path -> path.startsWith(stem + "--") && path.endsWith(".sql"));
                if (scripted) {
                    links.putIfAbsent(stem + ".control", link.getValue());
                }
            }
        }
    }
}
