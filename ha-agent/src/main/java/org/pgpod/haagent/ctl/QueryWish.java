package org.pgpod.haagent.ctl;

import java.nio.file.Path;
import java.util.Optional;

/**
 * SQL to run on one member.
 *
 * @param member on which; empty for {@code role}
 * @param role {@code primary}, {@code replica} or {@code any}
 * @param passwordFile holds the user's password; empty for none
 * @param sslMode and {@code rootCertificate} as libpq knows them
 */
public record QueryWish(
        String sql,
        Optional<String> member,
        String role,
        String database,
        String user,
        Optional<Path> passwordFile,
        String sslMode,
        Optional<Path> rootCertificate) {}
