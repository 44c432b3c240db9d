package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of the init container, run against a small root directory in Debian's layout. */
class ServerImageListingTest {
    @TempDir
    private Path directory;

    @Test
    void copiesWhatTheLoaderReadsAndOnlyNamesOfLibraries() throws Exception {
        Path root = image();
        Path target = Files.createDirectory(directory.resolve("target"));
        // Twice: an init container may run again on the same volume.
        for (int run = 0; run < 2; run++) {
            assertThat(run(root, target)).isZero();
        }
        assertThat(contents(target))
                .containsExactlyInAnyOrder(
                        "usr/lib/postgresql/17/bin/postgres=program",
                        "usr/lib/postgresql/17/bin/initdb=program",
                        "usr/lib/postgresql/17/lib/plpgsql.so=",
                        "usr/lib/postgresql/17/lib/bitcode=",
                        "usr/share/postgresql/17/extension/plpgsql.control=control",
                        "usr/lib/x86_64-linux-gnu/libpq.so.5=",
                        "lib/x86_64-linux-gnu/libc.so.6=",
                        "var/lib/dpkg/status=Package: postgresql-17");
        assertThat(target.resolve("usr/share/locale")).isDirectory();
    }

    private Path image() throws IOException {
        Path root = directory.resolve("root");
        for (String program : List.of("17/bin/postgres", "17/bin/initdb", "16/bin/postgres")) {
            write(root.resolve("usr/lib/postgresql").resolve(program), "program");
        }
        write(root.resolve("usr/lib/postgresql/17/lib/plpgsql.so"), "library");
        write(root.resolve("usr/lib/postgresql/17/lib/bitcode/postgres.bc"), "bitcode");
        write(root.resolve("usr/share/postgresql/17/extension/plpgsql.control"), "control");
        write(root.resolve("usr/share/locale/de/messages.mo"), "messages");
        write(root.resolve("usr/lib/x86_64-linux-gnu/libpq.so.5.17"), "library");
        Files.delete(root.resolve("usr/lib/x86_64-linux-gnu/libpq.so.5.17"));
        Files.createSymbolicLink(root.resolve("usr/lib/x86_64-linux-gnu/libpq.so.5"), Path.of("dangling"));
        write(root.resolve("lib/x86_64-linux-gnu/libc.so.6"), "library");
        write(root.resolve("var/lib/dpkg/status"), "Package: postgresql-17");
        return root;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private int run(Path root, Path target) throws Exception {
        String script = ServerImageListing.SCRIPT
                .replace(Layout.SERVER_IMAGE, target.toString())
                .replace("cd /\n", "cd " + root + "\n");
        Process process = new ProcessBuilder(List.of("sh", "-c", script, "server-image", "17"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static List<String> contents(Path target) throws IOException {
        try (Stream<Path> files = Files.walk(target)) {
            List<Path> regular = files.filter(Files::isRegularFile).toList();
            return regular.stream()
                    .map(file -> target.relativize(file) + "=" + read(file))
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
