package org.pgpod.exporter.web;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.pgpod.core.tls.CurrentKey;
import org.pgpod.exporter.web.TlsSettings.CipherOrder;

/** TLS of the exporter's port: each handshake takes certificate, authorities and settings as they are at the moment. */
final class WebTls extends HttpsConfigurator {
    /** A client that resumes a session is not verified again for this long, though authorities be replaced. */
    private static final int SESSION_SECONDS_MAX = 60;

    private final Supplier<TlsMaterial> now;

    private WebTls(SSLContext context, Supplier<TlsMaterial> now) {
        super(context);
        this.now = now;
    }

    static WebTls of(Supplier<TlsMaterial> now) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new CurrentKey(() -> Optional.of(now.get().pair()))},
                    new TrustManager[] {new ClientTrust(now)},
                    null);
            context.getServerSessionContext().setSessionTimeout(SESSION_SECONDS_MAX);
            return new WebTls(context, now);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has TLS", impossible);
        }
    }

    @Override
    public void configure(HttpsParameters parameters) {
        TlsSettings settings = now.get().settings();
        SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
        wanted.setProtocols(settings.protocols().toArray(String[]::new));
        if (!settings.cipherSuites().isEmpty()) {
            wanted.setCipherSuites(settings.cipherSuites().toArray(String[]::new));
        }
        if (!settings.groups().isEmpty()) {
            wanted.setNamedGroups(settings.groups().toArray(String[]::new));
        }
        wanted.setUseCipherSuitesOrder(settings.cipherOrder() == CipherOrder.SERVER);
        if (settings.clientCertificate().required()) {
            wanted.setNeedClientAuth(true);
        } else {
            wanted.setWantClientAuth(settings.clientCertificate().wanted());
        }
        parameters.setSSLParameters(wanted);
    }
}
