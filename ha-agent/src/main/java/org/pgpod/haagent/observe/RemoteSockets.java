package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.pgpod.core.tls.Authorities;
import org.pgpod.core.tls.CertificateFiles;
import org.pgpod.core.tls.CertificatePair;
import org.pgpod.core.tls.CurrentKey;
import org.pgpod.haagent.model.RemotePrimary;
import org.postgresql.ssl.NonValidatingFactory;
import org.postgresql.ssl.WrappedFactory;

/**
 * TLS to a server of another cluster with the files of the mounted Secret as they are now, in every form of key that Postgres's
 * own client reads. The driver makes one for each connection, and compares the server's name itself where that is wanted.
 */
public final class RemoteSockets extends WrappedFactory {
    /** The driver's property with what a factory needs: here the directory, if there is one. */
    static final String DIRECTORY = "sslfactoryarg";

    /** For the driver, with all properties of the connection. */
    public RemoteSockets(Properties connection) throws IOException, GeneralSecurityException {
        Optional<Path> directory =
                Optional.ofNullable(connection.getProperty(DIRECTORY)).map(Path::of);
        Optional<CertificatePair> own =
                directory.isPresent() && Files.exists(directory.get().resolve("tls.crt"))
                        ? Optional.of(CertificateFiles.load(directory.get()))
                        : Optional.empty();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                new KeyManager[] {new CurrentKey(() -> own)},
                new TrustManager[] {trust(directory.map(files -> files.resolve("ca.crt")), connection)},
                null);
        factory = context.getSocketFactory();
    }

    /** As libpq has it: an authority that is there is asked in every mode. */
    private static TrustManager trust(Optional<Path> authority, Properties connection) throws IOException {
        String mode = connection.getProperty("sslmode", "");
        if (mode.equals(RemotePrimary.Security.REQUIRE.mode())
                && authority.filter(Files::exists).isEmpty()) {
            return new NonValidatingFactory.NonValidatingTM();
        }
        if (authority.isEmpty()) {
            throw new IOException("sslmode " + mode + " needs the ca.crt of haAgent.remoteCertificateDirectory");
        }
        return Authorities.trust(CertificateFiles.authorities(authority.get()));
    }
}
