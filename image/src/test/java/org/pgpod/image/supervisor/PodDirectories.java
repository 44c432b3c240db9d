package org.pgpod.image.supervisor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directories of one pod, owned by the user that Postgres runs as: {@code run} on tmpfs where there is one, and the
 * Postgres configuration that ha-agent would write into it.
 */
record PodDirectories(Path run, Path volume, int port) {

    static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    static final String USER = "postgres";

    private static final Path TMPFS = Path.of("/dev/shm");

    static PodDirectories create() throws IOException {
        Path run = Files.createTempDirectory(Files.isWritable(TMPFS) ? TMPFS : Path.of("/tmp"), "pgpod-run-");
        PodDirectories pod = new PodDirectories(run, Files.createTempDirectory("pgpod-volume-"), freePort());
        Files.createDirectory(run.resolve("conf"));
        for (Path directory : List.of(run, run.resolve("conf"), pod.volume)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
            own(directory);
        }
        pod.configure();
        return pod;
    }

    /** Another pod on the same volume. */
    PodDirectories twin() throws IOException {
        PodDirectories other = create();
        Files.delete(other.volume);
        return new PodDirectories(other.run, volume, other.port);
    }

    Path data() {
        return volume.resolve("data");
    }

    /** Writes the configuration, with further lines at its end. */
    void configure(String... lines) throws IOException {
        Path conf = run.resolve("conf");
        String configuration = """
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = '%s'
                hba_file = '%s/pg_hba.conf'
                ident_file = '%s/pg_ident.conf'
                wal_level = replica
                wal_log_hints = on
                hot_standby = on
                dynamic_shared_memory_type = mmap
                """.formatted(port, run.resolve("sql"), conf, conf);
        write(conf.resolve("postgresql.conf"), configuration + String.join("\n", lines) + "\n");
        write(conf.resolve("pg_hba.conf"), "host all all 127.0.0.0/8 trust\nhost replication all 127.0.0.0/8 trust\n");
        write(conf.resolve("pg_ident.conf"), "");
    }

    /** Replaces a file, readable for Postgres' user alone. */
    static void write(Path file, String content) throws IOException {
        Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
        Files.writeString(draft, content);
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
        own(draft);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static void own(Path path) throws IOException {
        if (!ROOT) {
            return;
        }
        var lookup = FileSystems.getDefault().getUserPrincipalLookupService();
        UserPrincipal user = lookup.lookupPrincipalByName(USER);
        GroupPrincipal group = lookup.lookupPrincipalByGroupName(USER);
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        view.setOwner(user);
        view.setGroup(group);
    }

    void delete() throws IOException {
        deleteTree(run);
        deleteTree(volume);
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
