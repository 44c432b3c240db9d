package org.pgpod.haagent;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.conf.RemoteAccess;

/**
 * How the server of another cluster is reached that this one may be told to follow.
 *
 * @param passwordFile the password of the role that is named there; empty for that of our own replication role
 * @param certificateDirectory the authority and, if there is one, the certificate of this cluster there
 */
record StandbyOptions(Optional<Path> passwordFile, Optional<Path> certificateDirectory) {
    private static final Option<Optional<Path>> PASSWORD = Options.optionalPath(
            "remotePasswordFile",
            "The password with which a standby cluster streams from the other cluster, in a mounted Secret. Empty: that of"
                    + " `pgpod_replication`.");
    private static final Option<Optional<Path>> CERTIFICATES = Options.optionalPath(
            "remoteCertificateDirectory",
            "The mounted Secret by which a standby cluster verifies the other cluster, with `ca.crt`, and with `tls.crt` and"
                    + " `tls.key` if that one asks for a certificate. The Postgres container has to see it in the same place.");

    static List<Option<?>> all() {
        return List.of(PASSWORD, CERTIFICATES);
    }

    static StandbyOptions from(Values values) {
        return new StandbyOptions(values.get(PASSWORD), values.get(CERTIFICATES));
    }

    RemoteAccess access(Path replicationPassword, Path libpqPasswords) {
        return new RemoteAccess(passwordFile.orElse(replicationPassword), certificateDirectory, libpqPasswords);
    }
}
