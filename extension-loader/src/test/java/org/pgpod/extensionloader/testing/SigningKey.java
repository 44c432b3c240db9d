package org.pgpod.extensionloader.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/** A fresh OpenPGP key that clear-signs texts. */
public final class SigningKey {
    private static final String USER = "Archive of the tests";

    private final PGPKeyPair pair;
    private final PGPPublicKey certified;

    private SigningKey(PGPKeyPair pair, PGPPublicKey certified) {
        this.pair = pair;
        this.certified = certified;
    }

    /** An Ed25519 key. */
    public static SigningKey create() {
        return create(Instant.parse("2020-01-01T00:00:00Z"), 0, KeyFlags.SIGN_DATA | KeyFlags.CERTIFY_OTHER);
    }

    /** An Ed25519 key that is valid for so many seconds from {@code made}; 0 means for ever. */
    public static SigningKey create(Instant made, long validSeconds, int flags) {
        try {
            Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
            generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
            PGPKeyPair pair = new BcPGPKeyPair(
                    org.bouncycastle.bcpg.PublicKeyPacket.VERSION_4,
                    PublicKeyAlgorithmTags.EDDSA_LEGACY,
                    generator.generateKeyPair(),
                    Date.from(made));
            PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
            hashed.setSignatureCreationTime(false, Date.from(made));
            hashed.setKeyFlags(false, flags);
            if (validSeconds > 0) {
                hashed.setKeyExpirationTime(false, validSeconds);
            }
            PGPSignatureGenerator certification = signer(pair, PGPSignature.POSITIVE_CERTIFICATION);
            certification.setHashedSubpackets(hashed.generate());
            PGPSignature binding = certification.generateCertification(USER, pair.getPublicKey());
            return new SigningKey(pair, PGPPublicKey.addCertification(pair.getPublicKey(), USER, binding));
        } catch (PGPException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public key as a binary keyring. */
    public byte[] keyring() {
        try {
            return certified.getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The public key in armor. */
    public String armoredKeyring() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArmoredOutputStream armor =
                ArmoredOutputStream.builder().clearHeaders().build(bytes)) {
            armor.write(keyring());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.US_ASCII);
    }

    public String fingerprint() {
        return java.util.HexFormat.of().withUpperCase().formatHex(certified.getFingerprint());
    }

    /** {@code text} as a clear-signed message of this key, made at {@code when}. */
    public byte[] clearSign(String text, Instant when) {
        return clearSign(text, when, HashAlgorithmTags.SHA256);
    }

    public byte[] clearSign(String text, Instant when, int digestAlgorithm) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArmoredOutputStream armor =
                ArmoredOutputStream.builder().clearHeaders().build(bytes)) {
            PGPSignatureGenerator generator = new PGPSignatureGenerator(
                    new BcPGPContentSignerBuilder(pair.getPublicKey().getAlgorithm(), digestAlgorithm),
                    pair.getPublicKey());
            generator.init(PGPSignature.CANONICAL_TEXT_DOCUMENT, pair.getPrivateKey());
            PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
            hashed.setSignatureCreationTime(false, Date.from(when));
            hashed.setIssuerKeyID(false, pair.getKeyID());
            generator.setHashedSubpackets(hashed.generate());
            armor.beginClearText(digestAlgorithm);
            List<String> lines = text.lines().map(String::stripTrailing).toList();
            armor.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
            generator.update(String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8));
            armor.endClearText();
            generator.generate().encode(armor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (PGPException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static PGPSignatureGenerator signer(PGPKeyPair pair, int type) throws PGPException {
        PGPSignatureGenerator generator = new PGPSignatureGenerator(
                new BcPGPContentSignerBuilder(pair.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA256),
                pair.getPublicKey());
        generator.init(type, pair.getPrivateKey());
        return generator;
    }
}
