package org.pgpod.haagent.conf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.model.RemotePrimary;

/**
 * How the Postgres of this member reaches a server of another cluster.
 *
 * @param credential the file with the password of the role that is named there
 * @param certificateDirectory holds {@code ca.crt}, and {@code tls.crt} and {@code tls.key} where the other cluster wants a
 *     certificate; empty where nothing is to be verified
 * @param passwordFile what libpq reads passwords from; the supervisor makes it
 */
public record RemoteAccess(Path credential, Optional<Path> certificateDirectory, Path passwordFile) {
    /** Farther away than a peer, and still soon tried again. */
    private static final String CONNECT_TIMEOUT_SECONDS = "10";

    /** The connection string for a walreceiver or pg_basebackup. */
    public ConnectionString replication(RemotePrimary remote, String applicationName) {
        ConnectionString connection = new ConnectionString()
                .with("host", remote.host())
                .with("port", Integer.toString(remote.port()))
                .with("user", remote.user())
                .with("connect_timeout", CONNECT_TIMEOUT_SECONDS)
                .with("gssencmode", "disable")
                .with("application_name", applicationName)
                .with("passfile", passwordFile.toString())
                .with("sslmode", remote.security().mode());
        if (certificateDirectory.isEmpty() || remote.security() == RemotePrimary.Security.DISABLE) {
            return connection;
        }
        Path directory = certificateDirectory.get();
        // libpq passes over a certificate that is not there, and the server says so if it wants one.
        return connection
                .with("sslcert", directory.resolve("tls.crt").toString())
                .with("sslkey", directory.resolve("tls.key").toString())
                .with("sslrootcert", directory.resolve("ca.crt").toString());
    }

    /** The line of the password file for it, which has to stand before those for any host. */
    public String passwordLine(RemotePrimary remote) throws IOException {
        return escaped(remote.host()) + ":" + remote.port() + ":*:" + escaped(remote.user()) + ":"
                + escaped(new Credential(credential).read()) + "\n";
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace(":", "\\:");
    }
}
