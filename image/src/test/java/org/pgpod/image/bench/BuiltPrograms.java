package org.pgpod.image.bench;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** What this build would install, made of the classes under test, where every user may read it. */
final class BuiltPrograms {
    private BuiltPrograms() {}

    /** Makes the directories {@code lib} and {@code postgres} in {@code target}. */
    static Path in(Path target) throws IOException {
        Path libraries = Files.createDirectories(target.resolve("lib"));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        int number = 0;
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path from = Path.of(entry);
            Path copy =
                    libraries.resolve(number++ + "-" + from.getFileName() + (Files.isDirectory(from) ? ".jar" : ""));
            if (Files.isDirectory(from)) {
                pack(from, copy);
            } else if (Files.exists(from)) {
                Files.copy(from, copy);
            }
        }
        Path programs = Files.createDirectories(target.resolve("postgres"));
        for (Path script : filesIn(Path.of(System.getProperty("pgpod.root"), "image", "postgres"))) {
            Path copy = Files.copy(script, programs.resolve(script.getFileName()));
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return target;
    }

    private static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (Path each : filesIn(classes)) {
                out.putNextEntry(new JarEntry(classes.relativize(each).toString()));
                Files.copy(each, out);
                out.closeEntry();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
