package org.pgpod.extensionloader.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import org.pgpod.extensionloader.model.Sha256;

/** Copies a stream into a new, synced file, and stops with an error at the first byte too many. */
final class BoundedCopy {
    private static final int BUFFER_BYTES = 64 << 10;

    private BoundedCopy() {}

    /** Answers the digest of what was written. */
    static Sha256 copy(InputStream in, Path target, long bytesMax) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), digest)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long total = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                total += n;
                if (total > bytesMax) {
                    throw new IOException("longer than the allowed " + bytesMax + " bytes");
                }
                out.write(buffer, 0, n);
            }
            channel.force(true);
        }
        return Sha256.of(digest);
    }
}
