package org.pgpod.image.supervisor;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A volume that is a small file system of its own, which a test can fill or freeze. Needs root; else the test is left out. */
final class MountedVolume implements AutoCloseable {
    private static final int BLOCK_BYTES = 65_536;
    private static final long LIMIT_SECONDS = 30;

    private final Path mountPoint;
    private final PodDirectories pod;
    private final List<Path> leftovers;

    private MountedVolume(Path mountPoint, PodDirectories pod, List<Path> leftovers) {
        this.mountPoint = mountPoint;
        this.pod = pod;
        this.leftovers = leftovers;
    }

    /** In memory, of the size that the mount option names. */
    static MountedVolume inMemory(String size) throws Exception {
        return mount(List.of("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs"), List.of());
    }

    /** On a loop device, of a size as truncate names it; such a file system can be frozen. */
    static MountedVolume onDisk(String size) throws Exception {
        Path image = Files.createTempFile("pgpod-disk-", ".img");
        run(List.of("truncate", "-s", size, image.toString()));
        run(List.of("mkfs.ext4", "-q", "-F", image.toString()));
        return mount(List.of("mount", "-o", "loop", image.toString()), List.of(image));
    }

    private static MountedVolume mount(List<String> command, List<Path> leftovers) throws Exception {
        assumeThat(PodDirectories.ROOT).as("mounting needs root").isTrue();
        PodDirectories plain = PodDirectories.create();
        List<String> mount = new ArrayList<>(command);
        mount.add(plain.volume().toString());
        assumeThat(succeeds(mount)).as("this machine mounts file systems").isTrue();
        PodDirectories pod = new PodDirectories(plain.run(), plain.volume().resolve("volume"), plain.port());
        for (Path directory : List.of(plain.volume(), Files.createDirectory(pod.volume()))) {
            PodDirectories.own(directory);
        }
        return new MountedVolume(plain.volume(), pod, leftovers);
    }

    /** The pod of this volume, with an initialised data directory. */
    PodDirectories initialisedPod() throws Exception {
        InitialisedVolume.copyTo(pod);
        return pod;
    }

    /** Takes all the room there is. */
    void fill() throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        for (int bytes = BLOCK_BYTES; bytes > 0; bytes /= 16) {
            try (var out = Files.newOutputStream(pod.volume().resolve("filler-" + bytes))) {
                while (true) {
                    out.write(block, 0, bytes);
                }
            } catch (IOException full) {
                assumeThat(full).hasMessageContaining("No space left");
            }
        }
    }

    void makeRoom() throws IOException {
        for (int bytes = BLOCK_BYTES; bytes > 0; bytes /= 16) {
            Files.deleteIfExists(pod.volume().resolve("filler-" + bytes));
        }
    }

    /** Lets every write hang, as a lost disk does, while {@code work} is done: a supervisor on it could not be closed. */
    <T> T whileFrozen(Callable<T> work) throws Exception {
        assumeThat(succeeds(List.of("fsfreeze", "-f", mountPoint.toString())))
                .as("this machine freezes file systems")
                .isTrue();
        try {
            return work.call();
        } finally {
            run(List.of("fsfreeze", "-u", mountPoint.toString()));
        }
    }

    /** Unmounts, once the supervisor is closed. */
    @Override
    public void close() throws IOException {
        unmount();
        for (Path file : leftovers) {
            Files.deleteIfExists(file);
        }
        pod.delete();
        Files.deleteIfExists(mountPoint);
    }

    private void unmount() throws IOException {
        try {
            Eventually.until("nobody uses the volume", () -> succeeds(List.of("umount", mountPoint.toString())));
        } catch (IOException failed) {
            throw failed;
        } catch (Exception unexpected) {
            throw new IOException(unexpected);
        }
    }

    private static void run(List<String> command) throws IOException {
        if (!succeeds(command)) {
            throw new IOException("failed: " + String.join(" ", command));
        }
    }

    private static boolean succeeds(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
