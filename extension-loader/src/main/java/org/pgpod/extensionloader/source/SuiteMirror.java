package org.pgpod.extensionloader.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.pgpod.extensionloader.model.Sha256;
import org.tukaani.xz.XZInputStream;

/**
 * The verified package indices of one suite, kept on disk.
 *
 * <p>A refresh is accepted as a whole or not at all: InRelease is signed by a pinned key, not expired, not older than the
 * one accepted before, and every index has the digest it promises. Until then the files of the last one stay.
 */
final class SuiteMirror {
    private static final String RELEASE = "InRelease";
    private static final List<String> COMPRESSIONS = List.of(".xz", ".gz", "");
    private static final int XZ_MEMORY_KIB_MAX = 128 << 10;

    private final RepositorySuite suite;
    private final Path aptDirectory;
    private final Path directory;
    private final Fetcher fetcher;
    private final Limits limits;

    SuiteMirror(RepositorySuite suite, Path aptDirectory, Path cache, Fetcher fetcher, Limits limits) {
        this.suite = suite;
        this.aptDirectory = aptDirectory;
        this.directory = cache.resolve(suite.cacheName());
        this.fetcher = fetcher;
        this.limits = limits;
    }

    /** Files of the verified indices, fetched again if what is here is older than {@code maximumAge}. */
    List<Path> indices(String architecture, Instant now, Duration maximumAge) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Keyring keyring = Keyring.of(suite.trust(), aptDirectory);
        if (keyring.isEmpty()) {
            throw new Untrusted("no key is pinned for it");
        }
        Optional<Release> kept = kept(keyring, now);
        Optional<Release> believed =
                kept.filter(release -> release.objection(suite, now).isEmpty());
        if (believed.isPresent() && age(now).compareTo(maximumAge) < 0) {
            Optional<List<Path>> files = keptFiles(believed.get(), architecture);
            if (files.isPresent()) {
                return files.get();
            }
        }
        return refresh(keyring, kept, architecture, now);
    }

    private Duration age(Instant now) throws IOException {
        Instant modified = Files.getLastModifiedTime(directory.resolve(RELEASE)).toInstant();
        return Duration.between(modified, now).abs();
    }

    /** The release accepted before; empty if there is none or it may no longer be believed. */
    private Optional<Release> kept(Keyring keyring, Instant now) throws IOException {
        Path file = directory.resolve(RELEASE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Release release = Release.parse(SignedText.verify(Files.readAllBytes(file), keyring, now));
            return Optional.of(release);
        } catch (Untrusted e) {
            // The pinned keys changed: what they do not vouch for any more must not even serve as a rollback mark.
            return Optional.empty();
        }
    }

    private Optional<List<Path>> keptFiles(Release release, String architecture) throws Untrusted {
        List<Path> files = new ArrayList<>();
        for (Listed listed : listed(release, architecture)) {
            files.add(directory.resolve(listed.cacheName()));
        }
        return files.stream().allMatch(Files::isRegularFile) ? Optional.of(files) : Optional.empty();
    }

    private List<Path> refresh(Keyring keyring, Optional<Release> kept, String architecture, Instant now)
            throws IOException, InterruptedException {
        Path fresh = directory.resolve(RELEASE + ".new");
        Files.deleteIfExists(fresh);
        fetcher.fetch(suite.inSuite(RELEASE), fresh, limits.releaseBytesMax());
        Release release = Release.parse(SignedText.verify(Files.readAllBytes(fresh), keyring, now));
        Optional<String> objection = release.objection(suite, now);
        if (objection.isPresent()) {
            throw new Untrusted(objection.get());
        }
        if (kept.isPresent() && release.date().isBefore(kept.get().date())) {
            throw new Untrusted("older (" + release.date() + ") than the one accepted before ("
                    + kept.get().date() + ")");
        }
        List<Path> files = new ArrayList<>();
        for (Listed listed : listed(release, architecture)) {
            files.add(ensure(release, listed));
        }
        Files.setLastModifiedTime(fresh, FileTime.from(now));
        Files.move(fresh, directory.resolve(RELEASE), StandardCopyOption.ATOMIC_MOVE);
        removeOthers(files);
        return files;
    }

    /** What is left from the last accepted refresh, if it may still be believed at {@code now}. */
    Optional<List<Path>> fallback(String architecture, Instant now) throws IOException {
        Optional<Release> kept = kept(Keyring.of(suite.trust(), aptDirectory), now)
                .filter(release -> release.objection(suite, now).isEmpty());
        return kept.isPresent() ? keptFiles(kept.get(), architecture) : Optional.empty();
    }

    /** One index, in every compression the release file lists, best first. */
    private record Listed(String path, List<Variant> variants) {
        String cacheName() {
            return variants.getFirst().entry().sha256().hex() + ".packages";
        }
    }

    private record Variant(String compression, Release.Entry entry) {}

    private List<Listed> listed(Release release, String architecture) throws Untrusted {
        List<Listed> found = new ArrayList<>();
        if (suite.isFlat()) {
            found.add(entry(release, "Packages").orElseThrow(() -> new Untrusted("it lists no Packages")));
            return found;
        }
        for (String component : suite.components()) {
            String own = component + "/binary-" + architecture + "/Packages";
            found.add(entry(release, own).orElseThrow(() -> new Untrusted("it lists no " + own)));
            entry(release, component + "/binary-all/Packages").ifPresent(found::add);
        }
        return found;
    }

    private static Optional<Listed> entry(Release release, String path) {
        List<Variant> variants = new ArrayList<>();
        for (String compression : COMPRESSIONS) {
            Release.Entry entry = release.indices().get(path + compression);
            if (entry != null) {
                variants.add(new Variant(compression, entry));
            }
        }
        return variants.isEmpty() ? Optional.empty() : Optional.of(new Listed(path, variants));
    }

    /** Not every mirror has every listed compression, nor the names by digest that it announces. */
    private Path ensure(Release release, Listed listed) throws IOException, InterruptedException {
        Path target = directory.resolve(listed.cacheName());
        if (Files.isRegularFile(target)) {
            return target;
        }
        List<IOException> failures = new ArrayList<>();
        for (Variant variant : listed.variants()) {
            for (String path : names(release, listed, variant)) {
                try {
                    return fetch(path, variant, target);
                } catch (IOException e) {
                    failures.add(e);
                }
            }
        }
        // That something was forged says more than that something else is missing.
        throw failures.stream().filter(Untrusted.class::isInstance).findFirst().orElse(failures.getFirst());
    }

    private static List<String> names(Release release, Listed listed, Variant variant) {
        String plain = listed.path() + variant.compression();
        String folder = plain.substring(0, plain.lastIndexOf('/') + 1);
        String byHash = folder + "by-hash/SHA256/" + variant.entry().sha256().hex();
        return release.byHash() ? List.of(byHash, plain) : List.of(plain);
    }

    private Path fetch(String path, Variant variant, Path target) throws IOException, InterruptedException {
        Path packed = directory.resolve("index.packed");
        Path unpacked = directory.resolve("index.unpacked");
        Files.deleteIfExists(packed);
        Files.deleteIfExists(unpacked);
        fetchVerified(path, variant.entry(), packed);
        try (InputStream in = decompressing(Files.newInputStream(packed), variant.compression())) {
            BoundedCopy.copy(in, unpacked, Math.min(limits.indexBytesMax(), PackageIndex.FILE_BYTES_MAX - 1));
        }
        Files.delete(packed);
        return Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private void fetchVerified(String path, Release.Entry entry, Path target) throws IOException, InterruptedException {
        if (entry.sizeBytes() > limits.indexBytesMax()) {
            throw new Untrusted(path + " would be " + entry.sizeBytes() + " bytes");
        }
        Sha256 digest = fetcher.fetch(suite.inSuite(path), target, entry.sizeBytes());
        if (!digest.equals(entry.sha256())) {
            throw new Untrusted(path + " has digest " + digest + " where the release file promises " + entry.sha256());
        }
    }

    private static InputStream decompressing(InputStream in, String compression) throws IOException {
        return switch (compression) {
            case ".xz" -> new XZInputStream(in, XZ_MEMORY_KIB_MAX);
            case ".gz" -> new GZIPInputStream(in);
            default -> in;
        };
    }

    private void removeOthers(List<Path> current) throws IOException {
        Set<Path> keep = new HashSet<>(current);
        try (Stream<Path> listing = Files.list(directory)) {
            for (Path file : listing.toList()) {
                if (file.toString().endsWith(".packages") && !keep.contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }
}
