package org.pgpod.extensionloader.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgpod.extensionloader.model.Sha256;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** A package repository in a directory, served on loopback, signed by a key of its own. */
public final class TestRepository implements AutoCloseable {
    private static final String INDEX = "main/binary-amd64/Packages";
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Path root;
    private final SigningKey key;
    private final LoopbackFiles server;
    private final List<String> paragraphs = new ArrayList<>();

    private TestRepository(Path root, SigningKey key, LoopbackFiles server) {
        this.root = root;
        this.key = key;
        this.server = server;
    }

    /** An empty repository below {@code root}, already served. */
    public static TestRepository serve(Path root, SigningKey key) throws IOException {
        return new TestRepository(root, key, LoopbackFiles.serve(Files.createDirectories(root)));
    }

    public Path root() {
        return root;
    }

    public String address() {
        return server.address();
    }

    /** Paths asked for so far. */
    public List<String> requests() {
        return server.requests();
    }

    /** A deb822 source that names this repository and trusts {@code keyring}. */
    public String source(Path keyring) {
        return """
                Types: deb
                URIs: %s
                Suites: stable
                Components: main
                Signed-By: %s
                """.formatted(address(), keyring);
    }

    /** Adds a package file, with further fields such as {@code Depends: x}. */
    public TestRepository add(String name, String version, TestPackage content, String... fields) {
        Path file = root.resolve("pool").resolve(name + "_" + version.replace(":", "%3a") + "_amd64.deb");
        try {
            Files.createDirectories(root.resolve("pool"));
            content.write(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return addFile(name, version, file, fields);
    }

    /** Lists a file that is already below the root. */
    public TestRepository addFile(String name, String version, Path file, String... fields) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            paragraphs.add("Package: " + name + "\nVersion: " + version + "\nArchitecture: amd64\n"
                    + String.join(
                            "",
                            List.of(fields).stream().map(field -> field + "\n").toList())
                    + "Filename: " + root.relativize(file) + "\nSize: " + bytes.length + "\nSHA256: "
                    + Sha256.of(bytes).hex() + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Publishes what was added, signed now. */
    public TestRepository publish() {
        return publish(Instant.now(), "");
    }

    /** Publishes with this date and further fields of the release file. */
    public TestRepository publish(Instant date, String fields) {
        return publish(date, fields, key);
    }

    public TestRepository publish(Instant date, String fields, SigningKey signer) {
        try {
            byte[] index = String.join("\n", paragraphs).getBytes(StandardCharsets.UTF_8);
            byte[] packed = xz(index);
            Path dist = Files.createDirectories(root.resolve("dists/stable"));
            Path byHash = Files.createDirectories(dist.resolve("main/binary-amd64/by-hash/SHA256"));
            Files.write(byHash.resolve(Sha256.of(packed).hex()), packed);
            Files.write(dist.resolve(INDEX + ".xz"), packed);
            String release = """
                    Origin: Tests
                    Suite: stable
                    Codename: tests
                    Date: %s
                    %sAcquire-By-Hash: yes
                    Components: main
                    SHA256:
                     %s %d %s
                     %s %d %s.xz
                    """.formatted(
                            DATE.format(date),
                            fields,
                            Sha256.of(index).hex(),
                            index.length,
                            INDEX,
                            Sha256.of(packed).hex(),
                            packed.length,
                            INDEX);
            Files.write(dist.resolve("InRelease"), signer.clearSign(release, date));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of a date field. */
    public static String date(Instant instant) {
        return DATE.format(instant);
    }

    private static byte[] xz(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (XZOutputStream out = new XZOutputStream(bytes, new LZMA2Options(1))) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        server.close();
    }
}
