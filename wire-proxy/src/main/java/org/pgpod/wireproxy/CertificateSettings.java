package org.pgpod.wireproxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.wireproxy.tls.ClientCertificates;

/**
 * The options of the section {@code wireProxy} about certificates of clients.
 *
 * @param mode whether they are asked for
 * @param authorities who signs them; empty for {@code ca.crt} beside the server's certificate
 * @param map which names may be which roles; empty where the common name has to be the role's
 * @param mapName the lines of the map that count
 */
record CertificateSettings(
        ClientCertificates.Mode mode, Optional<Path> authorities, Optional<Path> map, String mapName) {
    private static final Option<ClientCertificates.Mode> MODE = Options.choice(
                    "clientCertificate",
                    ClientCertificates.Mode.class,
                    "Whether clients show a certificate of their own, besides their password: it is not asked for (`none`), must be"
                            + " good and name the role if one is shown (`request`), or must be shown (`require`).")
            .withDefault("none");
    private static final Option<Optional<Path>> AUTHORITIES = Options.optionalPath(
            "clientCa",
            "The authorities that sign certificates of clients, in PEM; without it `ca.crt` beside the certificate that clients"
                    + " see. Read again every two seconds.");
    private static final Option<Optional<Path>> MAP = Options.optionalPath(
            "clientCertificateMap",
            "Which names of certificates may be which roles, a file like Postgres's pg_ident.conf; without it the common name"
                    + " must be the role. Read again every two seconds.");
    private static final Option<String> MAP_NAME = Options.text(
                    "clientCertificateMapName", "Which lines of that file count: those that begin with this map name.")
            .withDefault("cert");

    static final List<Option<?>> OPTIONS = List.of(MODE, AUTHORITIES, MAP, MAP_NAME);

    static CertificateSettings from(Values values) {
        return new CertificateSettings(
                values.get(MODE), values.get(AUTHORITIES), values.get(MAP), values.get(MAP_NAME));
    }

    /** What is asked of clients; the error says what does not fit. */
    ClientCertificates certificates(WireProxySettings.ClientTls tls) throws IOException {
        if (mode == ClientCertificates.Mode.NONE) {
            return ClientCertificates.none();
        }
        if (tls == WireProxySettings.ClientTls.DISABLED) {
            throw new IOException("wireProxy.clientCertificate is set, but wireProxy.clientTls is 'disabled':"
                    + " certificates are shown in TLS only");
        }
        return ClientCertificates.open(mode, authorities, map, mapName);
    }
}
