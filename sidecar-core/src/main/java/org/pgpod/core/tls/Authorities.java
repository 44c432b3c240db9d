package org.pgpod.core.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Authorities as what verifies the certificates that they issued. */
public final class Authorities {
    private Authorities() {}

    /** Verifies chains by these authorities alone. */
    public static X509ExtendedTrustManager trust(List<X509Certificate> authorities) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int index = 0; index < authorities.size(); index++) {
                store.setCertificateEntry(Integer.toString(index), authorities.get(index));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
            throw new IllegalStateException("every Java platform verifies X.509 certificates");
        } catch (GeneralSecurityException unusable) {
            throw new IOException("the authorities cannot be used: " + unusable.getMessage(), unusable);
        }
    }
}
