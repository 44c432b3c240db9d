package org.pgpod.haagent.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that other processes write, never more of them than a limit. */
public final class SmallFile {
    private SmallFile() {}

    /** The whole file as UTF-8; one of more than {@code bytesMax} is an {@link IOException} that names it. */
    public static String read(Path file, int bytesMax) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw new IOException(file + " is longer than " + bytesMax + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** The last {@code bytesMax} bytes at most, as UTF-8; the first character may be cut. */
    public static String tail(Path file, int bytesMax) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file);
                InputStream in = Channels.newInputStream(channel)) {
            channel.position(Math.max(0, channel.size() - bytesMax));
            return new String(in.readNBytes(bytesMax), StandardCharsets.UTF_8);
        }
    }
}
