package org.pgpod.extensionloader.install;

/**
 * Bounds on what one package may unpack to.
 *
 * @param entriesMax files, directories and links
 * @param bytesMax content of all files together
 * @param pathBytesMax length of one path
 */
public record UnpackLimits(int entriesMax, long bytesMax, int pathBytesMax) {
    /** The largest packages that extensions need have some thousand entries and 100 MiB. */
    public static final UnpackLimits DEFAULT = new UnpackLimits(50_000, 2L << 30, 1024);
}
