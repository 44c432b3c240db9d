package org.pgpod.wireproxy.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a Parse message prepares: its text and the types of its parameters. Equal statements have the same name at every
 * server connection.
 */
public final class Statement {
    /** How the names of the proxy begin. */
    public static final String PREFIX = "pgpod_";

    private static final int HASH_BYTES = 16;

    private final byte[] body;
    private final int hash;
    private final StatementEffect effect;

    /** The body of the Parse message behind its name. */
    public Statement(byte[] body) {
        this.body = body;
        this.hash = Arrays.hashCode(body);
        int end = 0;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        this.effect = StatementEffect.of(new String(body, 0, end, StandardCharsets.ISO_8859_1));
    }

    public byte[] body() {
        return body;
    }

    public StatementEffect effect() {
        return effect;
    }

    /** Its name at Postgres: the hash is long enough that nobody finds two statements with the same one. */
    public String nameAtServer() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
            return PREFIX + HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java runtime has SHA-256", absent);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Statement statement && Arrays.equals(body, statement.body);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
