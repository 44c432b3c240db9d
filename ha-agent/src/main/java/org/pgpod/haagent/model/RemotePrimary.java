package org.pgpod.haagent.model;

import java.util.Optional;

/**
 * Where a standby cluster gets its WAL from: the primary of another cluster, or a standby of it.
 *
 * @param host a name or an address
 * @param user the role that streams and clones
 * @param security how the connection is protected
 * @param slot the physical slot to stream from, which has to be there
 * @param walCommand Postgres's {@code restore_command}, for WAL that the other cluster no longer has
 */
public record RemotePrimary(
        String host, int port, String user, Security security, Optional<String> slot, Optional<String> walCommand) {
    /** The protection of the connection, by libpq's names. */
    public enum Security {
        DISABLE,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL;

        /** The value of {@code sslmode}. */
        public String mode() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** {@code host:port}. */
    public String endpoint() {
        return host + ":" + port;
    }
}
