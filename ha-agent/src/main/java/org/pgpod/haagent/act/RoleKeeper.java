package org.pgpod.haagent.act;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.conf.PostgresRole;

/**
 * Makes pgpod's roles as they should be: present, with the least rights they need, and with the password of their
 * credential file. What already is so is not touched, so that nothing is written.
 *
 * <p>No password and no verifier reaches the server's log: the session that sets them logs no statement.
 */
final class RoleKeeper {
    private static final String UNLOGGED = """
            set log_statement = 'none';
            set log_min_duration_statement = -1;
            set log_min_error_statement = 'panic'
            """;

    /** Without these the cluster does not work; the others may come later. */
    private static final Set<PostgresRole> REQUIRED = Set.of(
            PostgresRole.POSTGRES, PostgresRole.PGPOD_AGENT, PostgresRole.PGPOD_REPLICATION, PostgresRole.PGPOD_REWIND);

    private static final int CHECKPOINT_ROLE_SINCE = 150_000;

    private final Path credentials;

    RoleKeeper(Path credentialsDirectory) {
        this.credentials = credentialsDirectory;
    }

    /** Whether anything had to be changed. */
    boolean ensure(Connection superuser) throws SQLException, IOException {
        Map<PostgresRole, String> passwords = passwords();
        try (Statement statement = superuser.createStatement()) {
            statement.execute(UNLOGGED);
            // A role never exists without its rights, wherever this is interrupted.
            superuser.setAutoCommit(false);
            boolean changed = false;
            for (Map.Entry<PostgresRole, String> entry : passwords.entrySet()) {
                changed |= ensure(statement, entry.getKey(), entry.getValue());
            }
            if (passwords.containsKey(PostgresRole.PGPOD_PROXY)) {
                changed |= VerifierFunction.ensure(statement);
            }
            superuser.commit();
            superuser.setAutoCommit(true);
            return changed;
        }
    }

    private Map<PostgresRole, String> passwords() throws IOException {
        Map<PostgresRole, String> passwords = new LinkedHashMap<>();
        for (PostgresRole role : PostgresRole.values()) {
            Path file = credentials.resolve(role.text());
            if (REQUIRED.contains(role) || Files.exists(file)) {
                passwords.put(role, new Credential(file).read());
            }
        }
        return passwords;
    }

    private static boolean ensure(Statement statement, PostgresRole role, String password) throws SQLException {
        boolean changed = false;
        Optional<String> verifier = Optional.empty();
        boolean exists;
        try (PreparedStatement query =
                statement.getConnection().prepareStatement("select rolpassword from pg_authid where rolname = ?")) {
            query.setString(1, role.text());
            try (ResultSet row = query.executeQuery()) {
                exists = row.next();
                if (exists) {
                    verifier = Optional.ofNullable(row.getString(1));
                }
            }
        }
        if (!exists) {
            statement.execute("create role " + role.text() + " " + attributes(role));
            for (String grant : grants(role, version(statement))) {
                statement.execute(grant);
            }
            changed = true;
        }
        if (!ScramVerifier.matches(verifier, password)) {
            statement.execute("alter role " + role.text() + " password '"
                    + ScramVerifier.of(password).text() + "'");
            changed = true;
        }
        return changed;
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select current_setting('server_version_num')::int")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static String attributes(PostgresRole role) {
        return switch (role) {
            case POSTGRES, PGPOD_LOADER -> "login superuser";
            case PGPOD_AGENT, PGPOD_REPLICATION -> "login replication";
            case PGPOD_REWIND, PGPOD_EXPORTER, PGPOD_PROXY -> "login";
        };
    }

    private static List<String> grants(PostgresRole role, int serverVersion) {
        return switch (role) {
            case PGPOD_AGENT -> {
                List<String> standing = List.of(
                        "grant pg_monitor, pg_signal_backend to pgpod_agent",
                        "grant execute on function pg_read_file(text, bigint, bigint, boolean) to pgpod_agent");
                yield serverVersion < CHECKPOINT_ROLE_SINCE
                        ? standing
                        : java.util.stream.Stream.concat(
                                        standing.stream(),
                                        java.util.stream.Stream.of("grant pg_checkpoint to pgpod_agent"))
                                .toList();
            }
            case PGPOD_REWIND ->
                // What pg_rewind's manual page lists for a role that is no superuser.
                List.of(
                        "grant execute on function pg_ls_dir(text, boolean, boolean) to pgpod_rewind",
                        "grant execute on function pg_stat_file(text, boolean) to pgpod_rewind",
                        "grant execute on function pg_read_binary_file(text) to pgpod_rewind",
                        "grant execute on function pg_read_binary_file(text, bigint, bigint, boolean) to pgpod_rewind");
            case PGPOD_EXPORTER -> List.of("grant pg_monitor to pgpod_exporter");
            case POSTGRES, PGPOD_REPLICATION, PGPOD_PROXY, PGPOD_LOADER -> List.of();
        };
    }
}
