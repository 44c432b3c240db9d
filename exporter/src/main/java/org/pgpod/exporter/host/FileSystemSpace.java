package org.pgpod.exporter.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Space and inodes of a file system; Java itself does not say how many inodes there are. The layout is that of 64-bit
 * Linux, the only one that pgpod runs on. Source: statvfs(3).
 */
final class FileSystemSpace {
    private static final int STATVFS_BYTES = 112;
    private static final int FRAGMENT_SIZE = 8;
    private static final int BLOCKS = 16;
    private static final int BLOCKS_FREE = 24;
    private static final int BLOCKS_AVAILABLE = 32;
    private static final int INODES = 40;
    private static final int INODES_FREE = 48;

    private final MethodHandle statvfs;

    private FileSystemSpace(MethodHandle statvfs) {
        this.statvfs = statvfs;
    }

    /** Space in bytes; inodes are 0 where the file system has no fixed number of them. */
    record Space(long capacityBytes, long freeBytes, long availableBytes, long inodes, long inodesFree) {}

    @SuppressWarnings("restricted") // One libc call that the JDK does not offer; start scripts enable native access.
    static FileSystemSpace open() {
        Linker linker = Linker.nativeLinker();
        return new FileSystemSpace(linker.downcallHandle(
                linker.defaultLookup().findOrThrow("statvfs"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS)));
    }

    /** The file system that holds a path; empty when it cannot be asked. */
    Optional<Space> of(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            MemorySegment answer = arena.allocate(STATVFS_BYTES, Long.BYTES);
            if ((int) statvfs.invokeExact(name, answer) != 0) {
                return Optional.empty();
            }
            long fragment = answer.get(ValueLayout.JAVA_LONG, FRAGMENT_SIZE);
            return Optional.of(new Space(
                    fragment * answer.get(ValueLayout.JAVA_LONG, BLOCKS),
                    fragment * answer.get(ValueLayout.JAVA_LONG, BLOCKS_FREE),
                    fragment * answer.get(ValueLayout.JAVA_LONG, BLOCKS_AVAILABLE),
                    answer.get(ValueLayout.JAVA_LONG, INODES),
                    answer.get(ValueLayout.JAVA_LONG, INODES_FREE)));
        } catch (RuntimeException | Error unexpected) {
            throw unexpected;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
