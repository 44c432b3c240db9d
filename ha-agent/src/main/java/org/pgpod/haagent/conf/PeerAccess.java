package org.pgpod.haagent.conf;

import java.nio.file.Path;
import org.pgpod.haagent.model.Upstream;

/**
 * How the Postgres of one member reaches that of another.
 *
 * @param port of the other pod: wire-proxy's listener for peers
 * @param security how the connection is protected
 * @param certificateDirectory holds {@code tls.crt}, {@code tls.key} and {@code ca.crt}
 * @param passwordFile what libpq reads passwords from; the supervisor makes it
 */
public record PeerAccess(int port, Security security, Path certificateDirectory, Path passwordFile) {
    /** The protection of a connection between members. */
    public enum Security {
        /** Mutual TLS; the certificate must come from the cluster's authority. */
        VERIFY_CA,
        /** Mutual TLS; the certificate must also name the address that was dialled. */
        VERIFY_FULL,
        /** None, for members that reach each other's Postgres directly over loopback. */
        NONE
    }

    /** Long enough for a loaded peer, short enough that a dead one does not hold up the search for the next. */
    private static final String CONNECT_TIMEOUT_SECONDS = "5";

    /** The connection string for a walreceiver or pg_basebackup. */
    public ConnectionString replication(Upstream upstream, String applicationName) {
        return connection(upstream, PostgresRole.PGPOD_REPLICATION)
                .with("application_name", applicationName)
                .with("passfile", passwordFile.toString());
    }

    /** The connection string for pg_rewind. */
    public ConnectionString rewind(Upstream upstream) {
        return connection(upstream, PostgresRole.PGPOD_REWIND)
                .with("dbname", "postgres")
                .with("passfile", passwordFile.toString());
    }

    private ConnectionString connection(Upstream upstream, PostgresRole role) {
        ConnectionString connection = new ConnectionString()
                .with("host", upstream.address())
                .with("port", Integer.toString(port))
                .with("user", role.text())
                .with("connect_timeout", CONNECT_TIMEOUT_SECONDS)
                .with("gssencmode", "disable");
        if (security == Security.NONE) {
            return connection.with("sslmode", "disable");
        }
        return connection
                .with("sslmode", security == Security.VERIFY_CA ? "verify-ca" : "verify-full")
                .with("sslcert", certificateDirectory.resolve("tls.crt").toString())
                .with("sslkey", certificateDirectory.resolve("tls.key").toString())
                .with("sslrootcert", certificateDirectory.resolve("ca.crt").toString());
    }
}
