package org.pgpod.logshipper.know;

import static org.pgpod.logshipper.know.Credentials.REDACTED;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pgpod.core.postgres.NormalizedSql;

/** Statements as they may be stored, and their fingerprints. A small memory of the last statements spares the work. */
final class StatementText {
    /** Of a longer statement only the beginning counts for the fingerprint, as in wire-proxy. */
    private static final int FINGERPRINT_BYTES_MAX = 4_096;

    private static final int REMEMBERED = 256;
    private static final int REMEMBERED_LENGTH_MAX = 2_048;

    private final RedactionPolicy policy;
    private final Credentials credentials;
    private final Known[] memory = new Known[REMEMBERED];

    StatementText(RedactionPolicy policy, Credentials credentials) {
        this.policy = policy;
        this.credentials = credentials;
    }

    /**
     * A statement.
     *
     * @param raw as it stood in the log
     * @param told as it may be stored
     * @param fingerprint that of wire-proxy's slow log for the same statement
     * @param secret whether it names a credential, so that its parameters are not to be stored either
     */
    record Known(String raw, String told, String fingerprint, boolean secret) {}

    Known of(String raw) {
        int place = (raw.hashCode() * 0x9E3779B9) >>> 24;
        Known before = memory[place];
        if (before != null && before.raw().equals(raw)) {
            return before;
        }
        Known known = make(raw);
        if (raw.length() <= REMEMBERED_LENGTH_MAX) {
            memory[place] = known;
        }
        return known;
    }

    private Known make(String raw) {
        boolean secret = credentials.suspected(raw);
        String normalized = NormalizedSql.of(raw);
        String told = policy.redactsLiterals() || secret ? normalized : raw;
        return new Known(raw, secret ? Credentials.scrub(told) : told, fingerprint(raw, normalized), secret);
    }

    private static String fingerprint(String raw, String normalized) {
        if (raw.length() * 3L <= FINGERPRINT_BYTES_MAX) {
            return NormalizedSql.fingerprint(normalized);
        }
        byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= FINGERPRINT_BYTES_MAX) {
            return NormalizedSql.fingerprint(normalized);
        }
        String head = new String(Arrays.copyOf(bytes, FINGERPRINT_BYTES_MAX), StandardCharsets.UTF_8);
        return NormalizedSql.fingerprint(NormalizedSql.of(head) + " ...");
    }

    /** A statement or expression without its literals, whatever the policy. */
    String redacted(String raw) {
        String normalized = NormalizedSql.of(raw);
        return credentials.suspected(normalized) ? Credentials.scrub(normalized) : normalized;
    }

    /** A statement in quotes that were not escaped, as in lines of a context. */
    String quoted(String text, int from) {
        int close = text.lastIndexOf('"');
        return close < from
                ? text.substring(0, from) + of(text.substring(from)).told()
                : text.substring(0, from) + of(text.substring(from, close)).told() + text.substring(close);
    }

    /** The values of parameters, if they may be told. */
    String parameters(String values, boolean secretStatement) {
        if (policy.redactsParameters() || secretStatement) {
            return REDACTED;
        }
        return credentials.suspected(values) ? Credentials.scrub(values) : values;
    }
}
