package org.pgpod.extensionloader.install;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgpod.extensionloader.model.InstalledPackage;

/**
 * The tree that Postgres runs from: a real copy of its program, and links to the image and the store for all else.
 *
 * <p>Postgres finds its libraries and shared files relative to its own program, after resolving links to that (src/port/
 * path.c). Links change one at a time, by rename, libraries before scripts and scripts before control files, so that a
 * running server never sees an extension that it cannot load. The directories exist from the first {@link #apply}.
 */
public final class RelocatedTree {
    private static final String CONTROL = ".control";
    private static final String DIRECTORY_MODE = "rwxr-xr-x";

    private final Path tree;
    private final ServerImage image;
    private final PackageStore store;

    public RelocatedTree(Path extensionDirectory, ServerImage image, PackageStore store) {
        this.tree = extensionDirectory.resolve("tree");
        this.image = image;
        this.store = store;
    }

    /** The directory with the server's programs: what the supervisor calls PGPOD_BINDIR. */
    public Path programs() {
        return tree.resolve("lib/postgresql/" + image.major() + "/bin");
    }

    /** The directory of dependent libraries: what the server's LD_LIBRARY_PATH must hold from its start. */
    public Path libraries() {
        return tree.resolve("lib");
    }

    private Path extensions() {
        return tree.resolve("share/postgresql/" + image.major() + "/extension");
    }

    /** What stands against linking these packages, earlier ones winning; nothing is changed by asking. */
    public List<String> conflicts(List<InstalledPackage> packages) throws IOException {
        return layout(packages).conflicts();
    }

    /** Names of the extensions that the tree would offer with these packages. */
    public Set<String> extensions(List<InstalledPackage> packages) throws IOException {
        String prefix = relative(extensions()) + "/";
        return layout(packages).links().keySet().stream()
                .filter(place -> place.startsWith(prefix) && place.endsWith(CONTROL))
                .map(place -> place.substring(prefix.length(), place.length() - CONTROL.length()))
                .collect(Collectors.toSet());
    }

    /** Makes the tree hold exactly the image and these packages, which must be in the store and free of conflicts. */
    public void apply(List<InstalledPackage> packages) throws IOException {
        TreeLayout layout = layout(packages);
        if (!layout.conflicts().isEmpty()) {
            throw new Refused(String.join("; ", layout.conflicts()));
        }
        createDirectories(programs());
        createDirectories(programs().resolveSibling("lib"));
        createDirectories(extensions());
        copyServer();
        Map<String, Path> wanted = new LinkedHashMap<>();
        layout.links().entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, TreeLayout.Target> link) -> turn(link.getKey()))
                        .thenComparing(Map.Entry::getKey))
                .forEach(link -> wanted.put(link.getKey(), target(link.getKey(), link.getValue())));
        wanted.put(relative(programs().resolve("postmaster")), Path.of("postgres"));
        for (Map.Entry<String, Path> link : wanted.entrySet()) {
            replaceLink(tree.resolve(link.getKey()), link.getValue());
        }
        removeOthers(wanted);
    }

    /** What the control file of an extension in the tree calls its default version; empty if there is no such file. */
    public Optional<String> defaultVersion(String extension) throws IOException {
        Path control = visible(extensions().resolve(extension + CONTROL));
        return Files.isRegularFile(control)
                ? Optional.of(ControlFile.defaultVersion(Files.readString(control)))
                : Optional.empty();
    }

    /** Links into the image hold the path the server sees, which may lie elsewhere for this process. */
    private Path visible(Path link) throws IOException {
        if (!Files.isSymbolicLink(link)) {
            return link;
        }
        Path target = Files.readSymbolicLink(link);
        return target.isAbsolute()
                ? image.root().resolve(target.toString().substring(1))
                : link.resolveSibling(target).normalize();
    }

    private TreeLayout layout(List<InstalledPackage> packages) throws IOException {
        Map<String, TreeLayout.PackageFiles> files = new LinkedHashMap<>();
        for (InstalledPackage installed : packages) {
            if (!files.containsKey(installed.name())) {
                files.put(
                        installed.name(),
                        new TreeLayout.PackageFiles(
                                installed.name(),
                                PackageStore.name(installed.sha256()),
                                store.files(installed.sha256())));
            }
        }
        return TreeLayout.of(image.major(), image.treePlaces(), image.libraries(), List.copyOf(files.values()));
    }

    /** Links to the store are relative, so that the tree works wherever the volume is mounted. */
    private Path target(String place, TreeLayout.Target target) {
        return switch (target) {
            case TreeLayout.Target.InImage(String path) -> Path.of(path);
            case TreeLayout.Target.InStore(String path) ->
                parent(tree.resolve(place)).relativize(store.root().resolve(path));
        };
    }

    private static int turn(String place) {
        if (place.endsWith(CONTROL)) {
            return 2;
        }
        return place.startsWith("lib/") ? 0 : 1;
    }

    private void copyServer() throws IOException {
        Path copy = programs().resolve("postgres");
        if (Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS) && Files.mismatch(copy, image.postgres()) < 0) {
            return;
        }
        Path fresh = programs().resolve(".postgres.new");
        Files.copy(image.postgres(), fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        // A running server keeps the file it was started from; only the name moves on.
        Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void replaceLink(Path link, Path target) throws IOException {
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
            return;
        }
        createDirectories(parent(link));
        Path fresh = link.resolveSibling(".pgpod-link.new");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, target);
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void removeOthers(Map<String, Path> wanted) throws IOException {
        List<Path> stale = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.filter(Files::isSymbolicLink)
                    .filter(link -> !wanted.containsKey(relative(link)))
                    .forEach(stale::add);
        }
        // Control files go first, so that nobody starts to create what is about to lose its library.
        stale.sort(Comparator.comparingInt((Path link) -> turn(relative(link))).reversed());
        for (Path link : stale) {
            Files.delete(link);
        }
    }

    private String relative(Path path) {
        return tree.relativize(path).toString();
    }

    private void createDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            createDirectories(parent(directory));
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(DIRECTORY_MODE));
        }
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.getParent(), "everything here lies below the tree");
    }
}
