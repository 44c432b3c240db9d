package org.pgpod.core.pod;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Replaces whole files, so that a reader sees the old content or the new one and never a part of either. */
public final class AtomicFile {
    private static final String OWNER_WRITES_GROUP_READS = "rw-r-----";

    private AtomicFile() {}

    /** Writes {@code content} beside {@code file}, readable by the group, and renames it into place. Not synced. */
    public static void replace(Path file, String content) throws IOException {
        replace(file, content, Durability.NONE);
    }

    /** How long a replacement must outlive. */
    public enum Durability {
        /** The process: for files on tmpfs. */
        NONE,
        /** A loss of power: file and directory are synced. */
        SYNCED
    }

    public static void replace(Path file, String content, Durability durability) throws IOException {
        Path written = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(written);
        var ownerAndGroup =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_WRITES_GROUP_READS));
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(written, options, ownerAndGroup)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (durability == Durability.SYNCED) {
                channel.force(true);
            }
        }
        // The umask may have taken the group's right to read away.
        Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(OWNER_WRITES_GROUP_READS));
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (durability == Durability.SYNCED) {
            syncDirectory(file.resolveSibling("."));
        }
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
