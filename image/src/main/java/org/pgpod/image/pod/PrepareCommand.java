package org.pgpod.image.pod;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code pgpod prepare}: what the first init container of a pod runs. It puts the supervisor where the Postgres
 * container finds it, so that any Postgres image will do and supervisor and sidecars are always of one version; it makes
 * the directories in which both users write; and it refuses a volume on which the template's former data directory is.
 */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        description = "Make a pod's volumes ready for its containers; run by an init container.")
public final class PrepareCommand implements Callable<Integer> {
    /** Setgid: files belong to the pod's group, whoever of the two users writes them. */
    private static final int SHARED_MODE = 02770;

    @Option(
            names = "--from",
            paramLabel = "DIR",
            defaultValue = "/usr/share/pgpod/postgres",
            description = "Directory of the supervisor in this image (default: ${DEFAULT-VALUE}).")
    private Path source = Path.of("/usr/share/pgpod/postgres");

    @Option(
            names = "--supervisor",
            paramLabel = "DIR",
            required = true,
            description = "Directory to copy the supervisor to.")
    private Path target = Path.of(Layout.SUPERVISOR_DIRECTORY);

    @Option(
            names = "--shared",
            paramLabel = "DIR",
            description = "Directory to make, in which the whole group of the pod writes.")
    private List<Path> shared = List.of();

    @Option(
            names = "--refuse-existing",
            paramLabel = "DIR",
            description = "Fail if this directory exists: data that pgpod would not use.")
    private @Nullable Path existing;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Optional<String> refusal = refusal();
        if (refusal.isPresent()) {
            errors().println(refusal.get());
            return 1;
        }
        for (Path directory : shared) {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                Files.setAttribute(directory, "unix:mode", SHARED_MODE);
            }
        }
        for (Path file : files()) {
            Path copy = target.resolve(file.getFileName());
            Path incomplete = target.resolve("." + file.getFileName());
            Files.copy(file, incomplete, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(incomplete, PosixFilePermissions.fromString("r-xr-xr-x"));
            Files.move(incomplete, copy, StandardCopyOption.ATOMIC_MOVE);
        }
        return 0;
    }

    private Optional<String> refusal() {
        if (existing != null && Files.exists(existing)) {
            return Optional.of(existing + " exists: this volume holds data of a server that ran without pgpod, and"
                    + " pgpod would start an empty database beside it; give the pod a new volume and move the data");
        }
        return Files.isDirectory(source)
                ? Optional.empty()
                : Optional.of(source + ": there is no supervisor in this image");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private PrintWriter errors() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the command specification before it calls a command");
        }
        return spec.commandLine().getErr();
    }
}
