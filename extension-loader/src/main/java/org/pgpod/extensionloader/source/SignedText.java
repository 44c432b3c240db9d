package org.pgpod.extensionloader.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * The text of a clear-signed message (RFC 9580 §7), handed out only after a pinned key has proved to have signed exactly
 * that text.
 *
 * <p>Anything before, after or between the two blocks is refused, so that nothing unsigned can be taken for signed.
 * Binding signatures inside the keyring are not checked: the keyring is local and trusted as a whole.
 */
final class SignedText {
    private static final String BEGIN_MESSAGE = "-----BEGIN PGP SIGNED MESSAGE-----";
    private static final String BEGIN_SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
    private static final String END_SIGNATURE = "-----END PGP SIGNATURE-----";
    private static final int SIGNATURES_MAX = 16;
    private static final int RSA_BITS_MIN = 2048;
    private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);

    private SignedText() {}

    /** The signed text with {@code \n} between lines; {@link Untrusted} unless a key of {@code keyring} vouches for it. */
    static String verify(byte[] message, Keyring keyring, Instant now) throws IOException {
        Parts parts = split(message);
        List<String> objections = new ArrayList<>();
        for (PGPSignature signature : signatures(parts.armor())) {
            List<PGPPublicKey> keys = keyring.withId(signature.getKeyID());
            if (keys.isEmpty()) {
                objections.add("key %016X is not in the keyring".formatted(signature.getKeyID()));
            }
            for (PGPPublicKey key : keys) {
                String objection = objection(signature, key, now, parts.text());
                if (objection.isEmpty()) {
                    return parts.text();
                }
                objections.add("key %016X: %s".formatted(signature.getKeyID(), objection));
            }
        }
        throw new Untrusted("no valid signature: " + String.join("; ", objections));
    }

    private record Parts(String text, String armor) {}

    private static Parts split(byte[] message) throws Untrusted {
        // Latin-1 keeps every byte as one character, so that exactly the received bytes are verified.
        List<String> lines = List.of(new String(message, StandardCharsets.ISO_8859_1).split("\n", -1));
        if (!withoutTrailingBlanks(lines.getFirst()).equals(BEGIN_MESSAGE)) {
            throw new Untrusted("not a clear-signed message");
        }
        int i = 1;
        while (i < lines.size() && !withoutTrailingBlanks(lines.get(i)).isEmpty()) {
            if (!lines.get(i).startsWith("Hash: ")) {
                throw new Untrusted("unknown header in the signed message");
            }
            i++;
        }
        List<String> text = new ArrayList<>();
        for (i++; i < lines.size() && !withoutTrailingBlanks(lines.get(i)).equals(BEGIN_SIGNATURE); i++) {
            text.add(unescaped(withoutTrailingBlanks(lines.get(i))));
        }
        int begin = i;
        while (i < lines.size() && !withoutTrailingBlanks(lines.get(i)).equals(END_SIGNATURE)) {
            i++;
        }
        if (i >= lines.size()) {
            throw new Untrusted("the signature block is missing or cut short");
        }
        if (lines.subList(i + 1, lines.size()).stream().anyMatch(line -> !line.isBlank())) {
            throw new Untrusted("there is something after the signature");
        }
        return new Parts(String.join("\n", text), String.join("\n", lines.subList(begin, i + 1)) + "\n");
    }

    private static String unescaped(String line) throws Untrusted {
        if (!line.startsWith("-")) {
            return line;
        }
        if (!line.startsWith("- ")) {
            throw new Untrusted("a line of the signed message begins with an unescaped dash");
        }
        return line.substring(2);
    }

    /** Blanks at the end of a line are not covered by the signature, so they must not reach anyone either. */
    private static String withoutTrailingBlanks(String line) {
        int end = line.length();
        while (end > 0 && " \t\r".indexOf(line.charAt(end - 1)) >= 0) {
            end--;
        }
        return line.substring(0, end);
    }

    private static List<PGPSignature> signatures(String armor) throws Untrusted {
        List<PGPSignature> signatures = new ArrayList<>();
        byte[] bytes = armor.getBytes(StandardCharsets.ISO_8859_1);
        try (InputStream in = PGPUtil.getDecoderStream(new ByteArrayInputStream(bytes))) {
            BcPGPObjectFactory packets = new BcPGPObjectFactory(in);
            for (Object packet = packets.nextObject(); packet != null; packet = packets.nextObject()) {
                if (!(packet instanceof PGPSignatureList list)) {
                    throw new Untrusted("the signature block holds something else");
                }
                list.forEach(signatures::add);
            }
        } catch (IOException | RuntimeException e) {
            throw e instanceof Untrusted refused ? refused : new Untrusted("unreadable signature", e);
        }
        if (signatures.isEmpty() || signatures.size() > SIGNATURES_MAX) {
            throw new Untrusted("expected 1 to " + SIGNATURES_MAX + " signatures, found " + signatures.size());
        }
        return signatures;
    }

    /** Empty if the signature is good. */
    private static String objection(PGPSignature signature, PGPPublicKey key, Instant now, String text) {
        String fault = keyFault(key, now);
        if (!fault.isEmpty()) {
            return fault;
        }
        if (signature.getSignatureType() != PGPSignature.CANONICAL_TEXT_DOCUMENT) {
            return "not a text signature";
        }
        if (!isStrong(signature.getHashAlgorithm())) {
            return "weak digest algorithm " + signature.getHashAlgorithm();
        }
        Instant made = signature.getCreationTime().toInstant();
        if (made.isAfter(now.plus(CLOCK_TOLERANCE))) {
            return "made in the future (" + made + ")";
        }
        long validSeconds = signature.getHashedSubPackets() == null
                ? 0
                : signature.getHashedSubPackets().getSignatureExpirationTime();
        if (validSeconds > 0 && made.plusSeconds(validSeconds).isBefore(now)) {
            return "signature expired";
        }
        try {
            signature.init(new BcPGPContentVerifierBuilderProvider(), key);
            signature.update(text.getBytes(StandardCharsets.ISO_8859_1));
            return signature.verify() ? "" : "does not match the text";
        } catch (PGPException | RuntimeException e) {
            return "cannot be checked (" + e.getMessage() + ")";
        }
    }

    private static String keyFault(PGPPublicKey key, Instant now) {
        if (key.hasRevocation()) {
            return "revoked";
        }
        long validSeconds = key.getValidSeconds();
        if (validSeconds > 0
                && key.getCreationTime().toInstant().plusSeconds(validSeconds).isBefore(now)) {
            return "expired";
        }
        boolean rsa = key.getAlgorithm() == PublicKeyAlgorithmTags.RSA_GENERAL;
        if (rsa && key.getBitStrength() < RSA_BITS_MIN) {
            return "RSA key of only " + key.getBitStrength() + " bits";
        }
        return maySign(key) ? "" : "not made for signing";
    }

    private static boolean maySign(PGPPublicKey key) {
        boolean flagged = false;
        for (Iterator<PGPSignature> i = key.getSignatures(); i.hasNext(); ) {
            PGPSignature binding = i.next();
            int flags = binding.getHashedSubPackets() == null
                    ? 0
                    : binding.getHashedSubPackets().getKeyFlags();
            if ((flags & KeyFlags.SIGN_DATA) != 0) {
                return true;
            }
            flagged |= flags != 0;
        }
        return !flagged;
    }

    private static boolean isStrong(int digestAlgorithm) {
        return digestAlgorithm == HashAlgorithmTags.SHA256
                || digestAlgorithm == HashAlgorithmTags.SHA384
                || digestAlgorithm == HashAlgorithmTags.SHA512;
    }
}
