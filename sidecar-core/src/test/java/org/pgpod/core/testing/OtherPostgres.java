package org.pgpod.core.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The programs {@code initdb}, {@code pg_ctl} and {@code postgres} of a major version that Debian does not have. */
public final class OtherPostgres implements AutoCloseable {
    private static final Path ARCHIVES = Path.of("target/postgres-versions");

    private final int major;
    private final Path directory;

    /** Nothing is there before {@link #unpack}. */
    public OtherPostgres(int major) {
        this.major = major;
        this.directory = Unprivileged.directory("postgres-" + major);
    }

    public void unpack() {
        try {
            unpack(archive(major));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Unprivileged.run(List.of("chmod", "-R", "a+rX", directory.toString()));
    }

    public Path programs() {
        return directory.resolve("bin");
    }

    private static Path archive(int major) throws IOException {
        try (var files = Files.list(ARCHIVES)) {
            return files.filter(file -> file.getFileName().toString().contains("-amd64-" + major + "."))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no archive of PostgreSQL " + major + " in " + ARCHIVES));
        }
    }

    /** The jar holds one compressed archive. */
    private void unpack(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry archive = zip.stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow();
            Process tar = new ProcessBuilder("tar", "--extract", "--xz", "--directory=" + directory).start();
            try (InputStream compressed = zip.getInputStream(archive);
                    OutputStream input = tar.getOutputStream()) {
                compressed.transferTo(input);
            }
            if (tar.waitFor() != 0) {
                throw new IOException("tar ended with " + tar.exitValue());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        Unprivileged.delete(directory);
    }
}
