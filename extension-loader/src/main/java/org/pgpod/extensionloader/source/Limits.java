package org.pgpod.extensionloader.source;

import java.time.Duration;

/**
 * Bounds on what a repository may make us read.
 *
 * @param releaseBytesMax size of InRelease
 * @param indexBytesMax size of a package index, unpacked
 * @param packageBytesMax size of one package file
 * @param timeout for one file from request to last byte
 */
public record Limits(long releaseBytesMax, long indexBytesMax, long packageBytesMax, Duration timeout) {
    /** Generous against Debian's own: 150 KiB, 50 MiB, and 100 MiB for the largest packages extensions need. */
    public static final Limits DEFAULT = new Limits(4L << 20, 256L << 20, 512L << 20, Duration.ofMinutes(2));
}
