package org.pgpod.exporter.web;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jspecify.annotations.Nullable;

/**
 * Checks user names and passwords against bcrypt hashes. A login that worked is remembered by a keyed digest, never by its
 * password, so that a scrape does not cost the tenth of a second that bcrypt takes; a replaced hash is not met again.
 */
final class BasicAuthentication {
    /** Logins that are remembered; the one used longest ago is forgotten. */
    static final int REMEMBERED_MAX = 128;

    /** Wrong passwords must not take both of a pod's cores. */
    private static final int HASHINGS_AT_ONCE_MAX = 1;

    private static final String SCHEME = "basic ";
    private static final String DIGEST = "HmacSHA256";
    private static final int KEY_BYTES = 32;

    private final byte[] key = new byte[KEY_BYTES];
    private final Semaphore hashing = new Semaphore(HASHINGS_AT_ONCE_MAX, true);

    // Guarded by itself.
    private final Map<String, Boolean> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    BasicAuthentication() {
        new SecureRandom().nextBytes(key);
    }

    /** A name and a password as a client sent them. */
    private record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    /** Whether an Authorization header holds a user of these and the password. */
    boolean admits(@Nullable String header, Map<String, String> hashes) {
        Optional<Login> login = login(header);
        if (login.isEmpty()) {
            return false;
        }
        Optional<String> hash = Optional.ofNullable(hashes.get(login.get().user));
        if (hash.isEmpty()) {
            // An unknown user takes as long as a wrong password, or time would tell who exists.
            hashes.values().stream().findAny().ifPresent(any -> admitsSlowly(login.get(), any));
            return false;
        }
        return remembered(digest(login.get(), hash.get())) || admitsSlowly(login.get(), hash.get());
    }

    private boolean remembered(String digest) {
        synchronized (remembered) {
            return remembered.containsKey(digest);
        }
    }

    private boolean admitsSlowly(Login login, String hash) {
        String digest = digest(login, hash);
        try {
            hashing.acquire();
            try {
                // Of several scrapes that came at once with the same password, the first has hashed it by now.
                if (remembered(digest)) {
                    return true;
                }
                boolean admitted = OpenBSDBCrypt.checkPassword(hash, login.password.toCharArray());
                if (admitted) {
                    synchronized (remembered) {
                        remembered.put(digest, true);
                    }
                }
                return admitted;
            } finally {
                hashing.release();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Optional<Login> login(@Nullable String header) {
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return Optional.empty();
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded));
            String[] parts = text.toString().split(":", 2);
            return parts.length < 2 ? Optional.empty() : Optional.of(new Login(parts[0], parts[1]));
        } catch (IllegalArgumentException | CharacterCodingException malformed) {
            return Optional.empty();
        }
    }

    private String digest(Login login, String hash) {
        try {
            Mac digest = Mac.getInstance(DIGEST);
            digest.init(new SecretKeySpec(key, DIGEST));
            for (String part : new String[] {login.user, hash, login.password}) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.doFinal());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has " + DIGEST, impossible);
        }
    }
}
