package org.pgpod.exporter.web;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The key {@code tls_server_config}, with the names of Java's TLS.
 *
 * @param clientNames the alternative names of which a client's certificate must bear one; empty for any
 * @param protocols those that are spoken, at least one
 * @param cipherSuites empty for those of the platform
 * @param groups of the key exchange; empty for those of the platform
 */
record TlsSettings(
        Path certificate,
        Path key,
        Optional<Path> clientAuthorities,
        ClientCertificate clientCertificate,
        Set<String> clientNames,
        List<String> protocols,
        List<String> cipherSuites,
        List<String> groups,
        CipherOrder cipherOrder) {
    TlsSettings {
        clientNames = Set.copyOf(clientNames);
        protocols = List.copyOf(protocols);
        cipherSuites = List.copyOf(cipherSuites);
        groups = List.copyOf(groups);
    }

    /** Whose order of cipher suites counts. */
    enum CipherOrder {
        SERVER,
        CLIENT
    }

    /** What is asked of clients. Source: Go's {@code tls.ClientAuthType}, whose names the file uses. */
    enum ClientCertificate {
        NONE("NoClientCert", Asked.NO, Checked.NO),
        REQUESTED("RequestClientCert", Asked.YES, Checked.NO),
        ANY("RequireAnyClientCert", Asked.REQUIRED, Checked.NO),
        VERIFIED_IF_GIVEN("VerifyClientCertIfGiven", Asked.YES, Checked.YES),
        VERIFIED("RequireAndVerifyClientCert", Asked.REQUIRED, Checked.YES);

        private final String word;
        private final Asked asked;
        private final Checked checked;

        ClientCertificate(String word, Asked asked, Checked checked) {
            this.word = word;
            this.asked = asked;
            this.checked = checked;
        }

        private enum Asked {
            NO,
            YES,
            REQUIRED
        }

        private enum Checked {
            NO,
            YES
        }

        String word() {
            return word;
        }

        boolean wanted() {
            return asked == Asked.YES;
        }

        boolean required() {
            return asked == Asked.REQUIRED;
        }

        boolean verified() {
            return checked == Checked.YES;
        }
    }
}
