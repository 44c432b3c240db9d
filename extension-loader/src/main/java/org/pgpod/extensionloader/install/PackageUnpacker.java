package org.pgpod.extensionloader.install;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Unpacks one package into an empty directory, all or nothing.
 *
 * <p>Every entry is checked, also those that are not wanted: paths outside the package, setuid and setgid bits, devices,
 * pipes, entries given twice, files below links, and wanted links that leave the package make it refuse the whole.
 * Owners, times and all mode bits but "executable" are dropped. Every file is synced.
 */
final class PackageUnpacker {
    private static final int SETUID_SETGID = 06000;
    private static final int EXECUTABLE = 0111;
    private static final int BUFFER_BYTES = 64 << 10;

    private enum Kind {
        DIRECTORY,
        FILE,
        LINK
    }

    private final Path root;
    private final Predicate<String> wanted;
    private final UnpackLimits limits;
    private final Map<String, Kind> seen = new HashMap<>();
    private final Map<String, String> links = new LinkedHashMap<>();
    private long totalBytes;

    private PackageUnpacker(Path root, Predicate<String> wanted, UnpackLimits limits) {
        this.root = root;
        this.wanted = wanted;
        this.limits = limits;
    }

    /** Unpacks the paths of {@code deb} that are {@code wanted} into the existing empty directory {@code root}. */
    static void unpack(Path deb, Path root, Predicate<String> wanted, UnpackLimits limits) throws IOException {
        PackageUnpacker unpacker = new PackageUnpacker(root, wanted, limits);
        try (DebArchive archive = DebArchive.open(deb);
                TarArchiveInputStream tar = archive.data()) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpacker.accept(entry, tar);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("broken archive: " + e.getMessage(), e);
        }
        unpacker.createLinks();
    }

    private void accept(TarArchiveEntry entry, TarArchiveInputStream content) throws IOException {
        if (seen.size() >= limits.entriesMax()) {
            throw new Refused("more than " + limits.entriesMax() + " entries");
        }
        String path = PackagePath.ofEntry(entry.getName(), limits.pathBytesMax());
        if ((entry.getMode() & SETUID_SETGID) != 0) {
            throw new Refused("'" + path + "' has a setuid or setgid bit");
        }
        if (path.isEmpty()) {
            return;
        }
        Kind kind = kind(entry, path);
        for (String above = PackagePath.parent(path); !above.isEmpty(); above = PackagePath.parent(above)) {
            if (seen.getOrDefault(above, Kind.DIRECTORY) != Kind.DIRECTORY) {
                throw new Refused("'" + path + "' lies below '" + above + "', which is not a directory");
            }
        }
        Kind earlier = seen.put(path, kind);
        if (earlier != null && !(earlier == Kind.DIRECTORY && kind == Kind.DIRECTORY)) {
            throw new Refused("'" + path + "' is given twice");
        }
        if (kind == Kind.LINK) {
            links.put(path, entry.getLinkName());
        } else if (entry.isLink()) {
            linkHard(path, entry.getLinkName());
        } else if (kind == Kind.FILE) {
            write(path, entry, content);
        }
    }

    private static Kind kind(TarArchiveEntry entry, String path) throws Refused {
        if (entry.isDirectory()) {
            return Kind.DIRECTORY;
        }
        if (entry.isSymbolicLink()) {
            return Kind.LINK;
        }
        byte flag = entry.getLinkFlag();
        boolean regular = flag == TarConstants.LF_NORMAL || flag == TarConstants.LF_OLDNORM;
        if (entry.isLink() || (regular && !entry.isSparse())) {
            return Kind.FILE;
        }
        throw new Refused("'" + path + "' is neither file, directory nor link");
    }

    private void write(String path, TarArchiveEntry entry, TarArchiveInputStream content) throws IOException {
        totalBytes += entry.getSize();
        if (entry.getSize() < 0 || totalBytes > limits.bytesMax()) {
            throw new Refused("more than " + limits.bytesMax() + " bytes");
        }
        if (!wanted.test(path)) {
            return;
        }
        Path file = root.resolve(path);
        createDirectories(parent(file));
        // CREATE_NEW never follows a link, and no link exists yet: they are all made at the end.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                out.write(buffer, 0, n);
            }
            channel.force(true);
        }
        boolean executable = (entry.getMode() & EXECUTABLE) != 0;
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    /** A hard link may only repeat a file of this package that was unpacked before it. */
    private void linkHard(String path, String target) throws IOException {
        String existing = PackagePath.ofEntry(target, limits.pathBytesMax());
        if (seen.get(existing) != Kind.FILE || existing.equals(path)) {
            throw new Refused("hard link '" + path + "' leaves the package");
        }
        if (!wanted.test(path)) {
            return;
        }
        if (!wanted.test(existing)) {
            throw new Refused("hard link '" + path + "' repeats '" + existing + "', which is not loaded");
        }
        createDirectories(parent(root.resolve(path)));
        Files.createLink(root.resolve(path), root.resolve(existing));
    }

    private void createLinks() throws IOException {
        for (Map.Entry<String, String> link : links.entrySet()) {
            String path = link.getKey();
            Optional<String> target = PackagePath.resolve(path, link.getValue());
            if (target.isEmpty()) {
                throw new Refused("link '" + path + "' climbs out of the package");
            }
            if (!wanted.test(path)) {
                continue;
            }
            if (!seen.containsKey(target.get())) {
                throw new Refused("link '" + path + "' leaves the package for '" + link.getValue() + "'");
            }
            Path file = root.resolve(path);
            createDirectories(parent(file));
            Files.createSymbolicLink(file, parent(file).relativize(root.resolve(target.get())));
        }
    }

    private void createDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            createDirectories(parent(directory));
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.getParent(), "everything here lies below the root");
    }
}
