package org.pgpod.logshipper.loop;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.pgpod.core.testing.Await;

/**
 * Lets shippers start in half the time: their classes come from a cache, which takes classes from jars only, so directories
 * of the class path are packed first.
 */
final class QuickStart {
    private final Path directory;
    private final String classPath;

    QuickStart(Path directory) throws IOException {
        this.directory = directory;
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                jars.add(pack(path, directory.resolve("classes-" + jars.size() + ".jar"))
                        .toString());
            } else if (Files.exists(path)) {
                jars.add(entry);
            }
        }
        classPath = String.join(":", jars);
    }

    private static Path pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
        }
        return jar;
    }

    /** Makes the cache by one run of a shipper that has opened its store and is stopped then. */
    void train(Path configuration) throws Exception {
        Path out = directory.resolve("train.out");
        Process process = ShipperProcess.start(configuration, classPath, "-XX:AOTCacheOutput=" + cache(), out);
        Await.until("the store is open", () -> ShipperProcess.hasOpened(out));
        process.destroy();
        if (process.waitFor() > 1 && !Files.exists(cache())) {
            throw new IllegalStateException(Files.readString(out));
        }
    }

    Process start(Path configuration, Path out) throws IOException {
        return ShipperProcess.start(configuration, classPath, "-XX:AOTCache=" + cache(), out);
    }

    private Path cache() {
        return directory.resolve("shipper.aot");
    }
}
