package org.pgpod.haagent.observe;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.conf.ParameterFile;
import org.pgpod.haagent.conf.ServerParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the running server really uses the managed settings: each with the value that the file has now, and from that
 * file and no other (a line in postgresql.auto.conf or on the command line would win).
 */
final class SettingsCheck {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsCheck.class);
    private static final int BYTES_MAX = 1_048_576;
    private static final String QUERY =
            "select name, setting, coalesce(sourcefile, source) as origin from pg_settings where name = any (?)";

    /**
     * Their values count wherever they come from: Postgres itself makes the names of files absolute, and the supervisor
     * also sets the last one on the command line.
     */
    private static final Set<String> OF_ANY_ORIGIN = Set.of("hba_file", "ident_file", "restart_after_crash");

    private final Path file;
    private final AtomicReference<Set<String>> last = new AtomicReference<>(Set.of());
    private final AtomicReference<Set<String>> told = new AtomicReference<>(Set.of());

    SettingsCheck(Path file) {
        this.file = file;
    }

    boolean inForce(Connection connection) throws SQLException {
        Map<String, String> wanted;
        try {
            wanted = ParameterFile.parse(SmallFile.read(file, BYTES_MAX));
        } catch (IOException notWritten) {
            return false;
        }
        wanted.keySet().retainAll(ServerParameters.managedNames());
        Set<String> foreign = new TreeSet<>(wanted.keySet());
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setArray(
                    1, connection.createArrayOf("text", wanted.keySet().toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString("name");
                    boolean fromFile =
                            OF_ANY_ORIGIN.contains(name) || file.toString().equals(rows.getString("origin"));
                    if (fromFile && rows.getString("setting").equals(wanted.get(name))) {
                        foreign.remove(name);
                    }
                }
            }
        }
        tell(foreign);
        return foreign.isEmpty();
    }

    /** Told only if it lasts from one read to the next: a reload takes a moment to reach every process. */
    private void tell(Set<String> foreign) {
        Set<String> before = last.getAndSet(foreign);
        if (foreign.equals(before) && !foreign.equals(told.getAndSet(foreign))) {
            LOG.info("managed settings not in force parameters={}", foreign);
        }
    }
}
