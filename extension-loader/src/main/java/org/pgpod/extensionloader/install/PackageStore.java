package org.pgpod.extensionloader.install;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pgpod.extensionloader.model.Sha256;

/**
 * Unpacked packages under the digest of the file they came from. What is here is complete, synced and never changed: a
 * library that a server has loaded cannot be overwritten.
 */
public final class PackageStore {
    private final Path store;
    private final Path staging;
    private final int major;
    private final UnpackLimits limits;

    public PackageStore(Path extensionDirectory, int major, UnpackLimits limits) {
        this.store = extensionDirectory.resolve("store");
        this.staging = extensionDirectory.resolve("staging");
        this.major = major;
        this.limits = limits;
    }

    /** Makes the directories, and removes what an interrupted run left half done. */
    public void prepare() throws IOException {
        delete(staging);
        Files.createDirectories(staging);
        Files.createDirectories(store);
        Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(staging, PosixFilePermissions.fromString("rwx------"));
    }

    public boolean contains(Sha256 digest) {
        return Files.isDirectory(directory(digest), LinkOption.NOFOLLOW_LINKS);
    }

    /** A new name in the private staging directory, for a download. */
    public Path newDownload(Sha256 digest) throws IOException {
        Path file = staging.resolve(digest.hex() + ".deb");
        Files.deleteIfExists(file);
        return file;
    }

    /** Unpacks {@code deb}, whose digest was verified to be {@code digest}, and adds it in one step. */
    public void add(Sha256 digest, Path deb) throws IOException {
        Path unpacked = staging.resolve(digest.hex());
        delete(unpacked);
        Files.createDirectory(unpacked);
        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            PackageUnpacker.unpack(
                    deb, unpacked, path -> TreePlace.of(path, major).isPresent(), limits);
            syncDirectories(unpacked);
            Files.move(unpacked, directory(digest), StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(store);
        } finally {
            delete(unpacked);
        }
    }

    /** Files and links of a package, relative to its directory, sorted. */
    List<String> files(Sha256 digest) throws IOException {
        Path directory = directory(digest);
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .map(path -> directory.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    /** The name of a package's directory below the store. */
    static String name(Sha256 digest) {
        return "sha256-" + digest.hex();
    }

    Path root() {
        return store;
    }

    private Path directory(Sha256 digest) {
        return store.resolve(name(digest));
    }

    private static void syncDirectories(Path root) throws IOException {
        List<Path> directories = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(root)) {
            walk.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .forEach(directories::add);
        }
        for (Path directory : directories) {
            syncDirectory(directory);
        }
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
