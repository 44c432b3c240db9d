package org.pgpod.exporter.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** The kernel's files about processes and control groups. A file that cannot be read is absent, whatever the reason. */
public interface HostFiles {
    /** A longer file counts as absent: the half of a file would be a wrong number. */
    int FILE_BYTES_MAX = 262_144;

    /** A file below {@code /proc}, such as {@code 12/stat}. */
    Optional<String> process(String path);

    /** How many descriptors a process has open; empty where the kernel does not say so to others (before Linux 6.2). */
    OptionalLong openDescriptors(long pid);

    /** A file below {@code /sys/fs/cgroup}, such as {@code cpu/cpu.stat}. */
    Optional<String> controlGroup(String path);

    /**
     * The files of a machine, or of a recorded tree.
     *
     * @param processes usually {@code /proc}
     * @param controlGroups usually {@code /sys/fs/cgroup}
     */
    record Mounted(Path processes, Path controlGroups) implements HostFiles {
        @Override
        public Optional<String> process(String path) {
            return read(processes.resolve(path));
        }

        @Override
        public OptionalLong openDescriptors(long pid) {
            try {
                long size = Files.size(processes.resolve(pid + "/fd"));
                return size > 0 ? OptionalLong.of(size) : OptionalLong.empty();
            } catch (IOException gone) {
                return OptionalLong.empty();
            }
        }

        @Override
        public Optional<String> controlGroup(String path) {
            return read(controlGroups.resolve(path));
        }

        /** Nearly every file is shorter; hundreds of processes are read in one go. */
        private static final int USUAL_BYTES_MAX = 2_048;

        // The kernel gives the size of such files as 0, so they are read to their end.
        private static Optional<String> read(Path file) {
            try (InputStream stream = Files.newInputStream(file)) {
                byte[] bytes = new byte[USUAL_BYTES_MAX];
                int length = stream.readNBytes(bytes, 0, USUAL_BYTES_MAX);
                if (length == USUAL_BYTES_MAX) {
                    byte[] rest = stream.readNBytes(FILE_BYTES_MAX + 1 - length);
                    bytes = Arrays.copyOf(bytes, length + rest.length);
                    System.arraycopy(rest, 0, bytes, length, rest.length);
                    length = bytes.length;
                }
                return length > FILE_BYTES_MAX
                        ? Optional.empty()
                        : Optional.of(new String(bytes, 0, length, StandardCharsets.UTF_8));
            } catch (IOException unreadable) {
                return Optional.empty();
            }
        }
    }
}
