package org.pgpod.extensionloader.testing;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** A Debian package built entry by entry, honest or hostile. */
public final class TestPackage {
    /** How the data member is packed. */
    public enum Compression {
        NONE(""),
        GZIP(".gz"),
        XZ(".xz"),
        ZSTD(".zst");

        private final String suffix;

        Compression(String suffix) {
            this.suffix = suffix;
        }
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);
    private Compression compression = Compression.XZ;

    public TestPackage() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    public TestPackage compression(Compression chosen) {
        compression = chosen;
        return this;
    }

    public TestPackage file(String path, String content) {
        return file(path, content, 0644);
    }

    public TestPackage file(String path, String content, int mode) {
        byte[] data = content.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_NORMAL, true);
        entry.setMode(mode);
        entry.setSize(data.length);
        return add(entry, data);
    }

    public TestPackage directory(String path, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_DIR, true);
        entry.setMode(mode);
        return add(entry, new byte[0]);
    }

    public TestPackage symbolicLink(String path, String target) {
        return link(path, target, TarConstants.LF_SYMLINK);
    }

    public TestPackage hardLink(String path, String target) {
        return link(path, target, TarConstants.LF_LINK);
    }

    public TestPackage special(String path, byte flag) {
        return add(new TarArchiveEntry(path, flag, true), new byte[0]);
    }

    private TestPackage link(String path, String target, byte flag) {
        TarArchiveEntry entry = new TarArchiveEntry(path, flag, true);
        entry.setLinkName(target);
        return add(entry, new byte[0]);
    }

    private TestPackage add(TarArchiveEntry entry, byte[] data) {
        try {
            tar.putArchiveEntry(entry);
            tar.write(data);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the finished package. */
    public Path write(Path file) {
        try {
            tar.close();
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream out = packing(packed)) {
                bytes.writeTo(out);
            }
            try (ArArchiveOutputStream ar = new ArArchiveOutputStream(Files.newOutputStream(file))) {
                member(ar, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
                member(ar, "control.tar", new byte[1024]);
                member(ar, "data.tar" + compression.suffix, packed.toByteArray());
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OutputStream packing(OutputStream out) throws IOException {
        return switch (compression) {
            case NONE -> out;
            case GZIP -> new GZIPOutputStream(out);
            case XZ -> new XZOutputStream(out, new LZMA2Options(1));
            case ZSTD -> new ZstdOutputStream(out);
        };
    }

    private static void member(ArArchiveOutputStream ar, String name, byte[] content) throws IOException {
        ar.putArchiveEntry(new ArArchiveEntry(name, content.length));
        ar.write(content);
        ar.closeArchiveEntry();
    }
}
