package org.pgpod.core.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs programs as in a pod: Postgres as one unprivileged user, sidecars as another. When the tests themselves run
 * without privileges, everything runs as their own user.
 */
public final class Unprivileged {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final String SERVER_USER = "postgres";

    private Unprivileged() {}

    /** The command, run as the user of Postgres. */
    public static List<String> asServer(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (ROOT) {
            whole.addAll(
                    List.of("setpriv", "--reuid=" + SERVER_USER, "--regid=" + SERVER_USER, "--clear-groups", "--"));
        }
        whole.addAll(command);
        return whole;
    }

    /** A new directory that belongs to the user of Postgres, outside the checkout. */
    public static Path directory(String name) {
        try {
            Path directory = Files.createTempDirectory(Path.of("/var/tmp"), "pgpod-" + name + "-");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            if (ROOT) {
                run(List.of("chown", SERVER_USER + ":" + SERVER_USER, directory.toString()));
            }
            return directory;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Runs a command to its end and returns what it printed; a non-zero status is an error that shows the output. */
    public static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(String.join(" ", command) + " ended with " + status + ":\n" + output);
            }
            return output;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Removes a directory and all below it, whoever owns it. */
    public static void delete(Path directory) {
        run(List.of("rm", "-rf", "--", directory.toString()));
    }
}
