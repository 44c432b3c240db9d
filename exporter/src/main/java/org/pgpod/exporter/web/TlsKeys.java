package org.pgpod.exporter.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.pgpod.exporter.web.TlsSettings.CipherOrder;
import org.pgpod.exporter.web.TlsSettings.ClientCertificate;

/** Reads the key {@code tls_server_config} of a web configuration file. */
final class TlsKeys {
    private static final Set<String> KEYS = Set.of(
            "cert_file",
            "key_file",
            "client_ca_file",
            "client_auth_type",
            "client_allowed_sans",
            "min_version",
            "max_version",
            "cipher_suites",
            "curve_preferences",
            "prefer_server_cipher_suites");
    private static final List<String> VERSIONS = List.of("TLS12", "TLS13");
    private static final Map<String, String> PROTOCOLS = Map.of("TLS12", "TLSv1.2", "TLS13", "TLSv1.3");
    private static final Map<String, String> GROUPS = Map.of(
            "CurveP256", "secp256r1",
            "CurveP384", "secp384r1",
            "CurveP521", "secp521r1",
            "X25519", "x25519");

    /** Those of TLS 1.3, which cannot be chosen. */
    private static final List<String> ALWAYS =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private final WebKeys keys;
    private final JsonNode node;
    private final Path file;

    TlsKeys(WebKeys keys, JsonNode node, Path file) {
        this.keys = keys;
        this.node = node;
        this.file = file;
    }

    /** The settings; empty when something that all depends on was refused. */
    Optional<TlsSettings> settings() {
        keys.refuseUnknown(node, KEYS);
        Optional<Path> certificate = file("cert_file");
        Optional<Path> key = file("key_file");
        if (certificate.isEmpty() || key.isEmpty()) {
            keys.problem("cert_file and key_file must be set");
            return Optional.empty();
        }
        Optional<Path> authorities = file("client_ca_file");
        ClientCertificate clients = clients();
        if (clients.verified() != authorities.isPresent()) {
            keys.problem("client_ca_file goes with client_auth_type " + ClientCertificate.VERIFIED.word() + " or "
                    + ClientCertificate.VERIFIED_IF_GIVEN.word() + ", and these with it");
        }
        Set<String> names = new HashSet<>(keys.texts(node, "client_allowed_sans"));
        if (!names.isEmpty() && clients != ClientCertificate.VERIFIED) {
            keys.problem("client_allowed_sans goes with client_auth_type " + ClientCertificate.VERIFIED.word());
        }
        List<String> protocols = protocols();
        boolean server = keys.flag(node, "prefer_server_cipher_suites").orElse(true);
        return Optional.of(new TlsSettings(
                certificate.get(),
                key.get(),
                authorities,
                clients,
                names,
                protocols,
                cipherSuites(protocols),
                groups(),
                server ? CipherOrder.SERVER : CipherOrder.CLIENT));
    }

    /** A path, which counts from the directory of the file it stands in. */
    private Optional<Path> file(String key) {
        return keys.text(node, key)
                .map(text -> file.toAbsolutePath().resolveSibling(text).normalize());
    }

    private ClientCertificate clients() {
        List<String> words = Arrays.stream(ClientCertificate.values())
                .map(ClientCertificate::word)
                .toList();
        Optional<String> word = keys.word(node, "client_auth_type", words);
        return Arrays.stream(ClientCertificate.values())
                .filter(clients -> word.equals(Optional.of(clients.word())))
                .findFirst()
                .orElse(ClientCertificate.NONE);
    }

    private List<String> protocols() {
        String least = keys.word(node, "min_version", VERSIONS).orElse(VERSIONS.getFirst());
        String most = keys.word(node, "max_version", VERSIONS).orElse(VERSIONS.getLast());
        if (least.compareTo(most) > 0) {
            keys.problem("max_version is '" + most + "'; it must not be below min_version");
        }
        return VERSIONS.stream()
                .filter(version -> least.compareTo(version) <= 0 && version.compareTo(most) <= 0)
                .map(version -> String.valueOf(PROTOCOLS.get(version)))
                .toList();
    }

    private List<String> cipherSuites(List<String> protocols) {
        List<String> chosen = keys.texts(node, "cipher_suites");
        if (chosen.isEmpty()) {
            return chosen;
        }
        Set<String> supported = Set.of(supported().getCipherSuites());
        List<String> suites = new ArrayList<>(protocols.contains("TLSv1.3") ? ALWAYS : List.of());
        for (String suite : chosen) {
            if (!supported.contains(suite)) {
                keys.problem("cipher_suites names '" + suite + "'; suites are "
                        + String.join(", ", supported.stream().sorted().toList()));
            } else if (!suites.contains(suite)) {
                suites.add(suite);
            }
        }
        return suites;
    }

    private static SSLParameters supported() {
        try {
            return SSLContext.getDefault().getSupportedSSLParameters();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has TLS", impossible);
        }
    }

    private List<String> groups() {
        List<String> groups = new ArrayList<>();
        for (String curve : keys.texts(node, "curve_preferences")) {
            String group = GROUPS.get(curve);
            if (group == null) {
                keys.problem("curve_preferences names '" + curve + "'; curves are "
                        + String.join(", ", GROUPS.keySet().stream().sorted().toList()));
            } else {
                groups.add(group);
            }
        }
        return groups;
    }
}
