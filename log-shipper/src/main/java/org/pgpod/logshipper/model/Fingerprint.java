package org.pgpod.logshipper.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Tells the content of a file up to a position from any other: SHA-256 of its first bytes and of the last bytes before the
 * position. An inode number alone does not, because a file system gives it to the next file.
 *
 * @param headBytes how many bytes from the start are covered
 * @param head their digest, hexadecimal
 * @param tailBytes how many bytes before the position are covered
 * @param tail their digest, hexadecimal
 */
public record Fingerprint(int headBytes, String head, int tailBytes, String tail) {
    /** Head and tail cover at most this much each. */
    public static final int BYTES_MAX = 1_024;

    public Fingerprint {
        if (headBytes < 1 || headBytes > BYTES_MAX || tailBytes < 1 || tailBytes > BYTES_MAX) {
            throw new IllegalArgumentException("a fingerprint covers 1 to " + BYTES_MAX + " bytes at each end");
        }
    }

    /** The fingerprint of a file that begins with {@code head} and has {@code tail} before the position. */
    public static Fingerprint of(byte[] head, byte[] tail) {
        return new Fingerprint(head.length, digest(head), tail.length, digest(tail));
    }

    private static String digest(byte[] bytes) {
        return digest(bytes, 0, bytes.length);
    }

    /** SHA-256 of the bytes from {@code from} to {@code to}, hexadecimal. */
    public static String digest(byte[] bytes, int from, int to) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, from, to - from);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
