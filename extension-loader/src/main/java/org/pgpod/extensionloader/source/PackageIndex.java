package org.pgpod.extensionloader.source;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgpod.extensionloader.model.DebPackage;
import org.pgpod.extensionloader.model.PackageRelation;
import org.pgpod.extensionloader.model.Stanza;

/**
 * A verified {@code Packages} file that can be asked for a package without holding it in memory.
 *
 * <p>Per name it keeps one long: 36 bits of a hash above 28 bits of offset. A collision costs one paragraph read in vain.
 */
final class PackageIndex implements AutoCloseable {
    static final long FILE_BYTES_MAX = 1L << 28;

    private static final int OFFSET_BITS = 28;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;
    private static final int PARAGRAPH_BYTES_MAX = 1 << 20;
    private static final byte[] NAME = "Package:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PROVIDES = "Provides:".getBytes(StandardCharsets.US_ASCII);

    private final String repository;
    private final Arena arena;
    private final MemorySegment text;
    private long[] entries = new long[1024];
    private int count;

    private PackageIndex(String repository, Arena arena, MemorySegment text) {
        this.repository = repository;
        this.arena = arena;
        this.text = text;
    }

    /** Opens the file, which nobody may change while it is open. */
    static PackageIndex open(Path file, String repository) throws IOException {
        Arena arena = Arena.ofConfined();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() >= FILE_BYTES_MAX) {
                throw new IOException("package index of " + channel.size() + " bytes is too large");
            }
            MemorySegment text = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            PackageIndex index = new PackageIndex(repository, arena, text);
            index.scan();
            return index;
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Every package that has or provides {@code name}. */
    List<DebPackage> offering(String name) throws Untrusted {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        long key = hash(MemorySegment.ofArray(bytes), 0, bytes.length);
        int at = Arrays.binarySearch(entries, 0, count, key);
        List<DebPackage> packages = new ArrayList<>();
        for (int i = at < 0 ? -at - 1 : at; i < count && (entries[i] & ~OFFSET_MASK) == key; i++) {
            DebPackage candidate = read(entries[i] & OFFSET_MASK);
            boolean provided =
                    candidate.provides().stream().map(PackageRelation::name).anyMatch(name::equals);
            if (candidate.name().equals(name) || provided) {
                packages.add(candidate);
            }
        }
        return packages;
    }

    private void scan() {
        long size = text.byteSize();
        long paragraph = 0;
        long line = 0;
        while (line < size) {
            long end = endOfLine(line);
            if (end == line) {
                paragraph = end + 1;
            } else if (startsWith(line, NAME)) {
                addNames(line + NAME.length, end, paragraph);
            } else if (startsWith(line, PROVIDES)) {
                addNames(line + PROVIDES.length, end, paragraph);
            }
            line = end + 1;
        }
        entries = Arrays.copyOf(entries, count);
        Arrays.sort(entries);
    }

    /** Adds the first word of each comma-separated item. */
    private void addNames(long from, long to, long paragraph) {
        long i = from;
        while (i < to) {
            while (i < to && byteAt(i) == ' ') {
                i++;
            }
            long start = i;
            while (i < to && " ,(:".indexOf(byteAt(i)) < 0) {
                i++;
            }
            if (count == entries.length) {
                entries = Arrays.copyOf(entries, count * 2);
            }
            entries[count++] = hash(text, start, i) | paragraph;
            while (i < to && byteAt(i) != ',') {
                i++;
            }
            i++;
        }
    }

    private DebPackage read(long offset) throws Untrusted {
        List<String> lines = new ArrayList<>();
        long line = offset;
        while (line < text.byteSize() && line - offset < PARAGRAPH_BYTES_MAX) {
            long end = endOfLine(line);
            if (end == line) {
                break;
            }
            byte[] bytes = text.asSlice(line, end - line).toArray(ValueLayout.JAVA_BYTE);
            lines.add(new String(bytes, StandardCharsets.UTF_8));
            line = end + 1;
        }
        try {
            return DebPackage.of(Stanza.parse(lines).orElseThrow(), repository);
        } catch (RuntimeException e) {
            throw new Untrusted("unreadable package index of " + repository + ": " + e.getMessage(), e);
        }
    }

    private long endOfLine(long from) {
        long i = from;
        while (i < text.byteSize() && byteAt(i) != '\n') {
            i++;
        }
        return i;
    }

    private boolean startsWith(long at, byte[] prefix) {
        return at + prefix.length <= text.byteSize()
                && text.asSlice(at, prefix.length).mismatch(MemorySegment.ofArray(prefix)) < 0;
    }

    private byte byteAt(long index) {
        return text.get(ValueLayout.JAVA_BYTE, index);
    }

    /** FNV-1a, of which the upper 36 bits are kept and the rest is left free for the offset. */
    private static long hash(MemorySegment bytes, long from, long to) {
        long hash = 0xcbf29ce484222325L;
        for (long i = from; i < to; i++) {
            hash = (hash ^ bytes.get(ValueLayout.JAVA_BYTE, i)) * 0x100000001b3L;
        }
        return hash & ~OFFSET_MASK;
    }

    @Override
    public void close() {
        arena.close();
    }
}
