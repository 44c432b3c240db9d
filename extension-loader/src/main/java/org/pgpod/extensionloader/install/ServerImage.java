package org.pgpod.extensionloader.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pgpod.extensionloader.model.ImagePackages;
import org.pgpod.extensionloader.model.Stanza;

/**
 * The image that Postgres runs from, in Debian's layout: {@code /usr/lib/postgresql/<major>} and {@code
 * /usr/share/postgresql/<major>}.
 *
 * @param root where this process sees the root of that image; {@code /} when both run from the same
 * @param major the server's major version
 */
public record ServerImage(Path root, int major) {
    private static final Path VERSIONS = Path.of("usr/lib/postgresql");
    private static final List<String> LIBRARY_DIRECTORIES = List.of("lib", "usr/lib");
    private static final long STATUS_BYTES_MAX = 64 << 20;

    /** Finds the one major version the image at {@code root} holds. */
    public static ServerImage detect(Path root) throws IOException {
        Path versions = root.resolve(VERSIONS);
        List<Integer> majors = new ArrayList<>();
        if (Files.isDirectory(versions)) {
            try (Stream<Path> listing = Files.list(versions)) {
                listing.filter(version -> Files.isRegularFile(version.resolve("bin/postgres")))
                        .map(version -> version.getFileName().toString())
                        .filter(name -> name.matches("[0-9]{1,3}"))
                        .forEach(name -> majors.add(Integer.valueOf(name)));
            }
        }
        if (majors.size() != 1) {
            throw new IOException("expected one Postgres below " + versions + ", found " + majors.size());
        }
        return new ServerImage(root, majors.getFirst());
    }

    /** The server's program, of which the tree needs a real copy. */
    Path postgres() {
        return root.resolve(VERSIONS).resolve(major + "/bin/postgres");
    }

    /** What is installed, by dpkg's own record, and {@code declared} besides. */
    public ImagePackages packages(Set<String> declared) throws IOException {
        List<Stanza> status = new ArrayList<>();
        List<Path> files = new ArrayList<>(List.of(root.resolve("var/lib/dpkg/status")));
        Path minimal = root.resolve("var/lib/dpkg/status.d");
        if (Files.isDirectory(minimal)) {
            try (Stream<Path> listing = Files.list(minimal)) {
                listing.filter(file -> !file.toString().endsWith(".md5sums"))
                        .sorted()
                        .forEach(files::add);
            }
        }
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                if (Files.size(file) > STATUS_BYTES_MAX) {
                    throw new IOException(file + " is larger than " + STATUS_BYTES_MAX + " bytes");
                }
                status.addAll(Stanza.parseAll(Files.readString(file)));
            }
        }
        try {
            return ImagePackages.of(status, declared);
        } catch (IllegalArgumentException e) {
            throw new IOException("the image's package list is unreadable: " + e.getMessage(), e);
        }
    }

    /** Places in the tree that the image fills, with the path the server sees; the server's own program is not among them. */
    Map<String, String> treePlaces() throws IOException {
        Map<String, String> places = new TreeMap<>();
        String libraries = "usr/lib/postgresql/" + major;
        for (Path entry : list(root.resolve(libraries + "/bin"))) {
            String name = entry.getFileName().toString();
            if (!name.equals("postgres") && !name.equals("postmaster")) {
                places.put("lib/postgresql/" + major + "/bin/" + name, "/" + libraries + "/bin/" + name);
            }
        }
        // Directories beside the libraries (bitcode, pgxs) are never added to, so one link stands for each.
        for (Path entry : list(root.resolve(libraries + "/lib"))) {
            String name = entry.getFileName().toString();
            places.put("lib/postgresql/" + major + "/lib/" + name, "/" + libraries + "/lib/" + name);
        }
        Path shared = root.resolve("usr/share/postgresql/" + major);
        try (Stream<Path> walk = Files.walk(shared)) {
            walk.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .map(path -> shared.relativize(path).toString())
                    .filter(path -> !path.startsWith("man/"))
                    .forEach(path -> places.put(
                            "share/postgresql/" + major + "/" + path, "/usr/share/postgresql/" + major + "/" + path));
        }
        if (Files.isDirectory(root.resolve("usr/share/locale"))) {
            places.put("share/locale", "/usr/share/locale");
        }
        return places;
    }

    /** File names of the shared libraries in the directories every program of the image searches. */
    Set<String> libraries() throws IOException {
        Set<String> names = new HashSet<>();
        for (String directory : LIBRARY_DIRECTORIES) {
            for (Path entry : list(root.resolve(directory))) {
                String name = entry.getFileName().toString();
                if (name.contains("-linux-") && Files.isDirectory(entry)) {
                    list(entry).forEach(file -> names.add(file.getFileName().toString()));
                }
                names.add(name);
            }
        }
        names.removeIf(name -> !name.contains(".so"));
        return names;
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> listing = Files.list(directory)) {
            return listing.sorted().toList();
        }
    }
}
