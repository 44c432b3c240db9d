package org.pgpod.extensionloader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.extensionloader.testing.SigningKey;

class SignedTextTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final String TEXT = "Origin: Tests\n- a dash\nSHA256:\n 00 1 x\n";

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.create();

    private Keyring keyring(SigningKey... keys) throws IOException {
        Path file = directory.resolve("keyring.gpg");
        Files.deleteIfExists(file);
        for (SigningKey one : keys) {
            Files.write(
                    file,
                    one.keyring(),
                    java.nio.file.StandardOpenOption.CREATE,
                    java.nio.file.StandardOpenOption.APPEND);
        }
        return Keyring.of(new Trust.KeyFiles(List.of(file)), directory);
    }

    private void assertRefused(byte[] message, Keyring keyring, String why) {
        assertThatThrownBy(() -> SignedText.verify(message, keyring, NOW))
                .isInstanceOf(Untrusted.class)
                .hasMessageContaining(why);
    }

    @Test
    void aTextSignedByAPinnedKeyIsHandedOut() throws IOException {
        assertThat(SignedText.verify(key.clearSign(TEXT, NOW), keyring(SigningKey.create(), key), NOW))
                .isEqualTo(TEXT.stripTrailing());
    }

    @Test
    void anArmoredKeyringServesAsWell() throws IOException {
        Path file = Files.writeString(directory.resolve("keyring.asc"), key.armoredKeyring());
        Keyring armored = Keyring.of(new Trust.KeyFiles(List.of(file)), directory);
        Keyring embedded = Keyring.of(new Trust.Embedded(key.armoredKeyring()), directory);
        for (Keyring keyring : List.of(armored, embedded)) {
            assertThat(SignedText.verify(key.clearSign(TEXT, NOW), keyring, NOW))
                    .isEqualTo(TEXT.stripTrailing());
        }
    }

    @Test
    void everyChangedByteIsNoticed() throws IOException {
        byte[] message = key.clearSign(TEXT, NOW);
        String whole = new String(message, StandardCharsets.ISO_8859_1);
        Keyring keyring = keyring(key);
        int start = whole.indexOf("Origin");
        int end = whole.indexOf("\n-----BEGIN PGP SIGNATURE");
        for (int i = start; i < end; i++) {
            byte[] changed = message.clone();
            changed[i] = changed[i] == 'X' ? (byte) 'Y' : (byte) 'X';
            assertThatThrownBy(() -> SignedText.verify(changed, keyring, NOW)).isInstanceOf(Untrusted.class);
        }
    }

    @Test
    void blanksTheSignatureDoesNotCoverAreDropped() throws IOException {
        String padded = new String(key.clearSign(TEXT, NOW), StandardCharsets.ISO_8859_1)
                .replace("Origin: Tests", "Origin: Tests \t ");
        assertThat(SignedText.verify(padded.getBytes(StandardCharsets.ISO_8859_1), keyring(key), NOW))
                .isEqualTo(TEXT.stripTrailing());
    }

    @Test
    void anotherKeyIsRefused() throws IOException {
        assertRefused(SigningKey.create().clearSign(TEXT, NOW), keyring(key), "is not in the keyring");
    }

    @Test
    void unsignedTextAndTextAroundTheMessageAreRefused() throws IOException {
        Keyring keyring = keyring(key);
        String signed = new String(key.clearSign(TEXT, NOW), StandardCharsets.ISO_8859_1);
        assertRefused(TEXT.getBytes(StandardCharsets.UTF_8), keyring, "not a clear-signed message");
        assertRefused(bytes("Evil: yes\n\n" + signed), keyring, "not a clear-signed message");
        assertRefused(bytes(signed + "\nEvil: yes\n"), keyring, "after the signature");
        assertRefused(bytes(signed + signed), keyring, "after the signature");
        assertRefused(bytes(signed.replace("Hash: ", "Evil: ")), keyring, "unknown header");
        assertRefused(bytes(signed.substring(0, signed.indexOf("-----END"))), keyring, "missing or cut short");
        assertRefused(bytes(signed.replace("- - a dash", "- a dash")), keyring, "does not match");
        assertRefused(bytes(signed.replace("- - a dash", "-a dash")), keyring, "unescaped dash");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void weakDigestsAndSignaturesFromTheFutureAreRefused() throws IOException {
        assertRefused(key.clearSign(TEXT, NOW, HashAlgorithmTags.SHA1), keyring(key), "weak digest");
        assertRefused(key.clearSign(TEXT, NOW.plus(Duration.ofHours(2))), keyring(key), "future");
    }

    @Test
    void expiredKeysAndKeysNotMadeForSigningAreRefused() throws IOException {
        Instant made = NOW.minus(Duration.ofDays(10));
        SigningKey expired = SigningKey.create(made, Duration.ofDays(5).toSeconds(), KeyFlags.SIGN_DATA);
        assertRefused(expired.clearSign(TEXT, made), keyring(expired), "expired");
        SigningKey other = SigningKey.create(made, 0, KeyFlags.CERTIFY_OTHER);
        assertRefused(other.clearSign(TEXT, NOW), keyring(other), "not made for signing");
    }
}
