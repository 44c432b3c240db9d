package org.pgpod.haagent.conf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgpod.haagent.model.RemotePrimary;

/** Reads {@code standby_cluster} of the dynamic configuration; what is wrong with it is added to the problems. */
final class StandbyKeys {
    static final String SECTION = "standby_cluster";

    private static final int PORT_STANDARD = 5432;
    private static final int PORT_MAX = 65_535;
    private static final String HOST = "host";
    private static final String PORT = "port";
    private static final String USER = "user";
    private static final String SECURITY = "sslmode";
    private static final String SLOT = "primary_slot_name";
    private static final String WAL = "restore_command";
    private static final String ALLOWED = String.join(", ", HOST, PORT, USER, SECURITY, SLOT, WAL);

    /** Keys of Patroni's that have no place here. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "create_replica_methods", "use haAgent.cloneMethods of each pod",
            "recovery_min_apply_delay", "use the tag applyDelay of a member that is not to lead",
            "archive_cleanup_command", "the archive is another cluster's");

    private final List<String> problems;
    private Optional<RemotePrimary> remote = Optional.empty();

    StandbyKeys(List<String> problems) {
        this.problems = problems;
    }

    /** Empty where the cluster is not to follow another one, or where that is said in a way that cannot be used. */
    Optional<RemotePrimary> remote() {
        return remote;
    }

    void read(JsonNode node) {
        if (node.isNull()) {
            return;
        }
        if (!node.isObject()) {
            problems.add(SECTION + " is '" + node.asText() + "'; it must have some of the keys " + ALLOWED);
            return;
        }
        Map<String, String> values = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            read(entry.getKey(), entry.getValue(), values);
        }
        int before = problems.size();
        String host = text(values, HOST, "[A-Za-z0-9._:-]{1,253}", "the name or the address of one server");
        String user = values.containsKey(USER)
                ? text(values, USER, "[^\\p{Cntrl}]{1,63}", "the name of a role")
                : PostgresRole.PGPOD_REPLICATION.text();
        String slot =
                values.containsKey(SLOT) ? text(values, SLOT, "[a-z0-9_]{1,63}", "1 to 63 of a-z, 0-9 and _") : "";
        String wal = values.containsKey(WAL) ? text(values, WAL, "[^\\p{Cntrl}]{1,4096}", "a command of one line") : "";
        int port = port(values.getOrDefault(PORT, Integer.toString(PORT_STANDARD)));
        Optional<RemotePrimary.Security> security = security(values.getOrDefault(SECURITY, "verify-full"));
        if (problems.size() == before) {
            remote = security.map(mode -> new RemotePrimary(
                    host,
                    port,
                    user,
                    mode,
                    Optional.of(slot).filter(name -> !name.isEmpty()),
                    Optional.of(wal).filter(command -> !command.isEmpty())));
        }
    }

    private void read(String key, JsonNode value, Map<String, String> values) {
        String where = SECTION + "." + key;
        if (ELSEWHERE.containsKey(key)) {
            problems.add(where + " cannot be set here: " + ELSEWHERE.get(key));
        } else if (!List.of(HOST, PORT, USER, SECURITY, SLOT, WAL).contains(key)) {
            problems.add(where + " is unknown; allowed are " + ALLOWED);
        } else if (value.isValueNode() && !value.isNull()) {
            values.put(key, value.asText());
        } else if (!value.isNull()) {
            problems.add(where + " is '" + value + "'; it must be one text or number");
        }
    }

    private String text(Map<String, String> values, String key, String form, String allowed) {
        String value = values.getOrDefault(key, "");
        if (value.isBlank() || !value.matches(form)) {
            problems.add(SECTION + "." + key + " is '" + value + "'; it must be " + allowed);
        }
        return value;
    }

    private int port(String value) {
        int port = value.matches("[0-9]{1,5}") ? Integer.parseInt(value) : 0;
        if (port < 1 || port > PORT_MAX) {
            problems.add(SECTION + "." + PORT + " is '" + value + "'; it must be a number from 1 to " + PORT_MAX);
        }
        return port;
    }

    private Optional<RemotePrimary.Security> security(String value) {
        for (RemotePrimary.Security security : RemotePrimary.Security.values()) {
            if (security.mode().equals(value.toLowerCase(Locale.ROOT))) {
                return Optional.of(security);
            }
        }
        problems.add(SECTION + "." + SECURITY + " is '" + value
                + "'; it must be disable, require, verify-ca or verify-full");
        return Optional.empty();
    }
}
