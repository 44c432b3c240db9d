package org.pgpod.extensionloader.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/** Public keys that were pinned beforehand, on the machine or in configuration; never read from a repository. */
final class Keyring {
    private static final long FILE_BYTES_MAX = 4 << 20;
    private static final int FINGERPRINT_LENGTH_MIN = 32;

    private final List<PGPPublicKey> keys;

    private Keyring(List<PGPPublicKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** The keys that {@code trust} names; apt's own keyrings are found below {@code aptDirectory}. */
    static Keyring of(Trust trust, Path aptDirectory) throws IOException {
        return switch (trust) {
            case Trust.Embedded embedded -> new Keyring(parse(embedded.armored().getBytes(StandardCharsets.UTF_8)));
            case Trust.KeyFiles named -> ofFiles(named.files());
            case Trust.MachineKeys machine -> {
                Keyring all = ofFiles(machineFiles(aptDirectory));
                yield machine.fingerprints().isEmpty() ? all : all.only(machine.fingerprints());
            }
        };
    }

    /** The signing keys that carry this key id. Ids are no proof: the caller verifies with each. */
    List<PGPPublicKey> withId(long keyId) {
        return keys.stream().filter(key -> key.getKeyID() == keyId).toList();
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    private static List<Path> machineFiles(Path aptDirectory) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isRegularFile(aptDirectory.resolve("trusted.gpg"))) {
            files.add(aptDirectory.resolve("trusted.gpg"));
        }
        Path parts = aptDirectory.resolve("trusted.gpg.d");
        if (Files.isDirectory(parts)) {
            try (Stream<Path> listing = Files.list(parts)) {
                listing.filter(file -> file.toString().endsWith(".gpg")
                                || file.toString().endsWith(".asc"))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }

    private static Keyring ofFiles(List<Path> files) throws IOException {
        List<PGPPublicKey> keys = new ArrayList<>();
        for (Path file : files) {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException("keyring " + file + " is larger than " + FILE_BYTES_MAX + " bytes");
            }
            try {
                keys.addAll(parse(Files.readAllBytes(file)));
            } catch (IOException e) {
                throw new IOException("keyring " + file + ": " + e.getMessage(), e);
            }
        }
        return new Keyring(keys);
    }

    private static List<PGPPublicKey> parse(byte[] keyring) throws IOException {
        List<PGPPublicKey> keys = new ArrayList<>();
        try (InputStream in = PGPUtil.getDecoderStream(new ByteArrayInputStream(keyring))) {
            PGPPublicKeyRingCollection rings = new PGPPublicKeyRingCollection(in, new BcKeyFingerprintCalculator());
            for (Iterator<PGPPublicKeyRing> i = rings.getKeyRings(); i.hasNext(); ) {
                i.next().getPublicKeys().forEachRemaining(keys::add);
            }
            return keys;
        } catch (PGPException | RuntimeException e) {
            throw new IOException("not an OpenPGP keyring: " + e.getMessage(), e);
        }
    }

    /** As in apt, a primary key's fingerprint stands for its subkeys too unless {@code !} follows it. */
    private Keyring only(List<String> fingerprints) {
        List<String> wanted =
                fingerprints.stream().map(text -> text.toLowerCase(Locale.ROOT)).toList();
        if (wanted.stream().anyMatch(text -> text.length() < FINGERPRINT_LENGTH_MIN)) {
            throw new IllegalArgumentException("Signed-By needs a path, a key or full fingerprints");
        }
        List<PGPPublicKey> chosen = new ArrayList<>();
        boolean primaryWanted = false;
        for (PGPPublicKey key : keys) {
            String fingerprint = HexFormat.of().formatHex(key.getFingerprint());
            // In a key ring the subkeys follow their primary key.
            primaryWanted = key.isMasterKey() ? wanted.contains(fingerprint) : primaryWanted;
            if (primaryWanted || wanted.contains(fingerprint) || wanted.contains(fingerprint + "!")) {
                chosen.add(key);
            }
        }
        return new Keyring(chosen);
    }
}
