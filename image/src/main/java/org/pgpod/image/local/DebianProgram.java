package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Programs of Debian packages, unpacked into a directory of pgpod's own: nothing is installed, so that no daemon starts.
 * The package is verified by apt as the machine has it configured.
 */
public final class DebianProgram {
    private final Path directory;

    public DebianProgram(Path directory) {
        this.directory = directory;
    }

    /** The root of the unpacked packages, downloaded when it is not there yet. */
    public Path unpacked(String name, String... packages) throws IOException, InterruptedException {
        Path root = directory.resolve(name);
        if (Files.exists(root.resolve("complete"))) {
            return root;
        }
        Commands.run(Path.of("/"), List.of("rm", "-rf", "--", root.toString()));
        Files.createDirectories(root);
        Files.setAttribute(root, "unix:mode", 0755);
        for (String one : packages) {
            // As root, apt downloads as a user of its own, who may not write here; the sandbox is not needed to unpack.
            Commands.run(root, List.of("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", one));
        }
        try (DirectoryStream<Path> archives = Files.newDirectoryStream(root, "*.deb")) {
            for (Path archive : archives) {
                Commands.run(root, List.of("dpkg", "-x", archive.toString(), root.toString()));
                Files.delete(archive);
            }
        }
        Files.createFile(root.resolve("complete"));
        return root;
    }
}
