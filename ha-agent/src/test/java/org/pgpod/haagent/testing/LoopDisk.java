package org.pgpod.haagent.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.Unprivileged;

/** A small file system in a file, which can be filled up and frozen. Needs root and a kernel with loop devices. */
public final class LoopDisk {
    private static final String SIZE = "512M";

    private final Path image;
    private final Path mountPoint;

    private LoopDisk(Path image, Path mountPoint) {
        this.image = image;
        this.mountPoint = mountPoint;
    }

    /** Whether this machine can freeze such a file system, tried on one in {@code directory}. */
    public static boolean isPossible(Path directory) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return false;
        }
        try {
            LoopDisk disk = mount(directory.resolve("trial.img"), Files.createDirectories(directory.resolve("trial")));
            disk.freeze();
            disk.thaw();
            disk.unmount();
            return true;
        } catch (IllegalStateException | java.io.IOException impossible) {
            return false;
        }
    }

    static LoopDisk mount(Path image, Path mountPoint) {
        Unprivileged.run(List.of("truncate", "-s", SIZE, image.toString()));
        Unprivileged.run(List.of("mkfs.ext4", "-q", "-F", "-m", "0", image.toString()));
        Unprivileged.run(List.of("mount", "-o", "loop", image.toString(), mountPoint.toString()));
        return new LoopDisk(image, mountPoint);
    }

    private Path filler() {
        return mountPoint.resolve("filler");
    }

    /** Takes all room but so many mebibytes. */
    public void fillUpTo(int mebibytesLeft) {
        String free = Unprivileged.run(List.of("stat", "-f", "-c", "%a %S", mountPoint.toString()));
        String[] words = free.strip().split(" ", -1);
        long bytes = Long.parseLong(words[0]) * Long.parseLong(words[1]) - ((long) mebibytesLeft << 20);
        Unprivileged.run(List.of("fallocate", "-l", Long.toString(bytes), filler().toString()));
    }

    public void makeRoom() {
        Unprivileged.run(List.of("rm", "-f", filler().toString()));
    }

    /** From now on every write hangs, as on a disk that is lost. */
    public void freeze() {
        Unprivileged.run(List.of("fsfreeze", "-f", mountPoint.toString()));
    }

    public void thaw() {
        Unprivileged.run(List.of("fsfreeze", "-u", mountPoint.toString()));
    }

    void unmount() {
        Await.until("nobody uses " + mountPoint, java.time.Duration.ofSeconds(30), () -> {
            try {
                Unprivileged.run(List.of("umount", mountPoint.toString()));
                return true;
            } catch (IllegalStateException busy) {
                return false;
            }
        });
        Unprivileged.run(List.of("rm", "-f", image.toString()));
    }
}
