package org.pgpod.extensionloader.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 digest in lower-case hexadecimal. */
public record Sha256(String hex) {
    private static final Pattern SYNTAX = Pattern.compile("[0-9a-f]{64}");

    public Sha256 {
        if (!SYNTAX.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a SHA-256 digest in lower-case hexadecimal");
        }
    }

    /** The digest of {@code bytes}. */
    public static Sha256 of(byte[] bytes) {
        return new Sha256(HexFormat.of().formatHex(newDigest().digest(bytes)));
    }

    /** The digest that {@code finished} has gathered; it is reset by this. */
    public static Sha256 of(MessageDigest finished) {
        return new Sha256(HexFormat.of().formatHex(finished.digest()));
    }

    /** A fresh digest to feed. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "sha256:" + hex;
    }
}
