package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The two users of a pod on this machine. Started by root, servers run as {@code postgres}, sidecars as an unnamed user,
 * both without capabilities and with one group in common, as in a Kubernetes pod. Started by anybody else, everything runs
 * as that user.
 */
public final class LocalUsers {
    /** A user and group number that no Debian package takes; it needs no entry in {@code /etc/passwd}. */
    static final int SIDECAR_ID = 26_433;

    private static final String SERVER_NAME = "postgres";

    private final boolean root;

    public LocalUsers() {
        this.root = "root".equals(System.getProperty("user.name"));
    }

    /** Whether servers and sidecars run as two different users. */
    public boolean apart() {
        return root;
    }

    /** The command run as the user of Postgres. */
    public List<String> server(List<String> command) {
        return as(SERVER_NAME, command);
    }

    /** The command run as the user of the sidecars. */
    public List<String> sidecar(List<String> command) {
        return as(Integer.toString(SIDECAR_ID), command);
    }

    private List<String> as(String user, List<String> command) {
        List<String> whole = new ArrayList<>();
        if (root) {
            String group = Integer.toString(SIDECAR_ID);
            whole.addAll(List.of(
                    "setpriv",
                    "--reuid=" + user,
                    "--regid=" + group,
                    "--groups=" + group,
                    "--inh-caps=-all",
                    "--bounding-set=-all",
                    "--no-new-privs",
                    "--"));
        }
        // What one user writes the other reads through the common group, and nobody else does.
        whole.addAll(List.of("sh", "-c", "umask 0027; exec \"$@\"", "sh"));
        whole.addAll(command);
        return whole;
    }

    /** Makes a directory of the sidecars' user, or of root where it is a mounted, read-only one. */
    public Path directory(Path directory, Owner owner, String permissions) throws IOException {
        Files.createDirectories(directory);
        own(directory, owner, permissions);
        return directory;
    }

    /** Who a file belongs to; its group is always the common one. */
    public enum Owner {
        SERVER,
        SIDECAR,
        ROOT
    }

    public void own(Path path, Owner owner, String permissions) throws IOException {
        if (root) {
            int uid = switch (owner) {
                case SERVER -> serverId();
                case SIDECAR -> SIDECAR_ID;
                case ROOT -> 0;
            };
            Files.setAttribute(path, "unix:uid", uid);
            Files.setAttribute(path, "unix:gid", SIDECAR_ID);
        }
        Files.setAttribute(path, "unix:mode", Integer.parseInt(permissions, 8));
    }

    private static int serverId() throws IOException {
        for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
            String[] fields = line.split(":", -1);
            if (fields[0].equals(SERVER_NAME)) {
                return Integer.parseInt(fields[2]);
            }
        }
        throw new IOException(
                "the user " + SERVER_NAME + " does not exist; Debian's package postgresql-common makes it");
    }
}
