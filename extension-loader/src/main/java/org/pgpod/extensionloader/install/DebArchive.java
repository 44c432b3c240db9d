package org.pgpod.extensionloader.install;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The container format of deb(5): {@code debian-binary}, {@code control.tar.*}, {@code data.tar.*}, in this order. */
final class DebArchive implements AutoCloseable {
    private static final String MAGIC = "debian-binary";
    private static final int XZ_MEMORY_KIB_MAX = 128 << 10;
    private static final int ZSTD_WINDOW_LOG_MAX = 27;

    private final ArArchiveInputStream members;

    private DebArchive(ArArchiveInputStream members) {
        this.members = members;
    }

    /** Opens a package, whose digest must have been checked. */
    static DebArchive open(Path file) throws IOException {
        ArArchiveInputStream members = new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(file)));
        DebArchive archive = new DebArchive(members);
        try {
            archive.expectVersion();
            return archive;
        } catch (IOException | RuntimeException e) {
            members.close();
            throw e;
        }
    }

    private void expectVersion() throws IOException {
        ArArchiveEntry first = members.getNextEntry();
        if (first == null || !first.getName().equals(MAGIC)) {
            throw new Refused("not a Debian package");
        }
        String version = new String(members.readNBytes(16), StandardCharsets.US_ASCII);
        if (!version.startsWith("2.")) {
            throw new Refused("package format " + version.strip() + " is unknown");
        }
    }

    /** The files of the package. Call once; the stream ends with this archive. */
    TarArchiveInputStream data() throws IOException {
        for (ArArchiveEntry member = members.getNextEntry(); member != null; member = members.getNextEntry()) {
            if (member.getName().startsWith("data.tar")) {
                InputStream content = decompressing(member.getName().substring("data.tar".length()));
                return new TarArchiveInputStream(content, StandardCharsets.UTF_8.name());
            }
        }
        throw new Refused("the package has no data member");
    }

    private InputStream decompressing(String suffix) throws IOException {
        return switch (suffix) {
            case ".xz" -> new XZInputStream(members, XZ_MEMORY_KIB_MAX);
            case ".gz" -> new GZIPInputStream(members);
            case ".zst" -> {
                ZstdInputStream content = new ZstdInputStream(members);
                content.setLongMax(ZSTD_WINDOW_LOG_MAX);
                yield content;
            }
            case "" -> members;
            default -> throw new Refused("compression '" + suffix + "' is unknown");
        };
    }

    @Override
    public void close() throws IOException {
        members.close();
    }
}
