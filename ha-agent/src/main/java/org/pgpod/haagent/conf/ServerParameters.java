package org.pgpod.haagent.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.Upstream;

/**
 * Every parameter that Postgres runs with: managed ones, on which the cluster's safety or the other sidecars depend;
 * standards that the operator may change; and what the operator wants besides.
 *
 * <p>Managed values are written as {@code pg_settings.setting} shows them, so that they can be compared.
 */
public final class ServerParameters {
    /** Refused from the operator although this agent does not always write them. */
    private static final Set<String> RESERVED = Set.of(
            "config_file",
            "data_directory",
            "external_pid_file",
            "archive_cleanup_command",
            "recovery_end_command",
            "recovery_target",
            "recovery_target_action",
            "recovery_target_inclusive",
            "recovery_target_lsn",
            "recovery_target_name",
            "recovery_target_time",
            "recovery_target_xid",
            "promote_trigger_file",
            "unix_socket_group",
            "include",
            "include_dir",
            "include_if_exists");

    private static final String CONNECTIONS = "max_connections";

    /** Managed where a server knows it. */
    private static final String SINCE_17 = "synchronized_standby_slots";

    private static final Set<String> MANAGED_NAMES = Set.of(
            "cluster_name",
            "listen_addresses",
            "port",
            "unix_socket_directories",
            "unix_socket_permissions",
            "hba_file",
            "ident_file",
            "password_encryption",
            "ssl",
            "restart_after_crash",
            "hot_standby",
            "wal_log_hints",
            "restore_command",
            "recovery_min_apply_delay",
            "recovery_target_timeline",
            "synchronous_standby_names",
            "logging_collector",
            "log_destination",
            "log_directory",
            "log_filename",
            "log_file_mode",
            "primary_conninfo",
            "primary_slot_name");

    private ServerParameters() {}

    /** All parameters of {@code settings}, in the order in which they are written. */
    public static Map<String, String> of(
            PostgresSettings settings, PostgresLayout layout, ServerConfiguration configuration) {
        Map<String, String> parameters = wanted(configuration.parameters(), layout);
        configuration.sensitive().values().forEach((name, value) -> parameters.put(name, value.toString()));
        parameters.putAll(configuration.slots());
        parameters.putAll(managed(settings, layout));
        return parameters;
    }

    /**
     * What people want: the standards, with those that fit the container, what the cluster's configuration says instead, and
     * last what this pod's own says.
     */
    public static Map<String, String> wanted(Map<String, String> ofCluster, PostgresLayout layout) {
        Map<String, String> parameters = standards();
        parameters.putAll(layout.tuning()
                .parameters(Optional.ofNullable(layout.parameters().get(CONNECTIONS))
                        .or(() -> Optional.ofNullable(ofCluster.get(CONNECTIONS)))));
        parameters.putAll(ofCluster);
        parameters.putAll(layout.parameters());
        return parameters;
    }

    /** What the operator may change by naming it. */
    private static Map<String, String> standards() {
        Map<String, String> standards = new LinkedHashMap<>();
        standards.put("wal_level", "replica");
        standards.put("max_wal_senders", "16");
        standards.put("max_replication_slots", "16");
        standards.put("max_slot_wal_keep_size", "4GB");
        standards.put("wal_keep_size", "128MB");
        standards.put("wal_sender_timeout", "5s");
        standards.put("wal_receiver_timeout", "5s");
        standards.put("wal_receiver_status_interval", "1s");
        standards.put("wal_retrieve_retry_interval", "1s");
        standards.put("log_checkpoints", "on");
        standards.put("log_line_prefix", "%m [%p] ");
        standards.put("log_rotation_age", "1h");
        standards.put("log_rotation_size", "100MB");
        standards.put("log_truncate_on_rotation", "off");
        return standards;
    }

    private static Map<String, String> managed(PostgresSettings settings, PostgresLayout layout) {
        Map<String, String> managed = new LinkedHashMap<>();
        managed.put("cluster_name", layout.cluster());
        managed.put("listen_addresses", layout.listenAddress());
        managed.put("port", Integer.toString(layout.port()));
        managed.put("unix_socket_directories", layout.socketDirectory().toString());
        managed.put("unix_socket_permissions", "0770");
        managed.put("hba_file", layout.hbaFile().toString());
        managed.put("ident_file", layout.identFile().toString());
        managed.put("password_encryption", "scram-sha-256");
        // wire-proxy ends TLS; behind it there is only loopback.
        managed.put("ssl", "off");
        // After the crash of a backend the agent decides whether this server may go on (R7).
        managed.put("restart_after_crash", "off");
        managed.put("hot_standby", "on");
        managed.put("wal_log_hints", "on");
        managed.put("restore_command", "");
        managed.put("recovery_min_apply_delay", "0");
        managed.put("recovery_target_timeline", "latest");
        managed.put("synchronous_standby_names", synchronousStandbyNames(settings));
        managed.put("logging_collector", "on");
        managed.put("log_destination", layout.logFormat().name().toLowerCase(Locale.ROOT) + ",stderr");
        managed.put("log_directory", layout.logDirectory().toString());
        managed.put("log_filename", "postgresql-%Y-%m-%d_%H%M%S.log");
        managed.put("log_file_mode", "0640");
        managed.putAll(stream(settings, layout));
        return managed;
    }

    private static String synchronousStandbyNames(PostgresSettings settings) {
        return settings instanceof PostgresSettings.Primary primary
                ? primary.synchronous().text()
                : "";
    }

    private static Map<String, String> stream(PostgresSettings settings, PostgresLayout layout) {
        return switch (settings) {
            case PostgresSettings.Standby standby -> upstream(standby.self(), standby.upstream(), layout);
            case PostgresSettings.Fetching fetching -> {
                Map<String, String> stream = upstream(fetching.self(), fetching.upstream(), layout);
                stream.put("restore_command", fetching.walCommand());
                yield stream;
            }
            case PostgresSettings.Archived archived -> {
                Map<String, String> alone = delayed(layout);
                alone.put("primary_conninfo", "");
                alone.put("primary_slot_name", "");
                alone.put("restore_command", archived.walCommand());
                yield alone;
            }
            case PostgresSettings.Recovering(var ignored, Map<String, String> recovery) -> {
                Map<String, String> alone = new LinkedHashMap<>(recovery);
                alone.put("primary_conninfo", "");
                alone.put("primary_slot_name", "");
                yield alone;
            }
            case PostgresSettings.Remote(MemberName self, RemotePrimary remote) -> {
                Map<String, String> stream = new LinkedHashMap<>();
                stream.put(
                        "primary_conninfo",
                        layout.remote()
                                .replication(remote, self.applicationName())
                                .toString());
                stream.put("primary_slot_name", remote.slot().orElse(""));
                stream.put("restore_command", remote.walCommand().orElse(""));
                yield stream;
            }
            case PostgresSettings.Primary ignored -> Map.of("primary_conninfo", "", "primary_slot_name", "");
            case PostgresSettings.Detached ignored -> Map.of("primary_conninfo", "", "primary_slot_name", "");
        };
    }

    /** Only a server that follows waits: one that is to be elected, or to recover, replays all it has. */
    private static Map<String, String> delayed(PostgresLayout layout) {
        Map<String, String> delayed = new LinkedHashMap<>();
        delayed.put(
                "recovery_min_apply_delay", Long.toString(layout.applyDelay().toMillis()));
        return delayed;
    }

    private static Map<String, String> upstream(MemberName self, Upstream upstream, PostgresLayout layout) {
        Map<String, String> stream = delayed(layout);
        stream.put(
                "primary_conninfo",
                layout.peers()
                        .replication(upstream, self.applicationName())
                        // From Postgres 17 on slots are copied over a session of SQL beside the stream.
                        .with("dbname", "postgres")
                        .toString());
        stream.put("primary_slot_name", self.slotName());
        return stream;
    }

    /** The names of managed parameters: their value and their origin are verified in the running server. */
    public static Set<String> managedNames() {
        return MANAGED_NAMES;
    }

    /** What is wrong with a pod's own parameters, as sentences; empty when they may be used. */
    public static List<String> problems(Map<String, String> wanted) {
        return problems("haAgent.parameters: ", wanted);
    }

    /** What is wrong with parameters, as sentences that begin with {@code where}; empty when they may be used. */
    static List<String> problems(String where, Map<String, String> wanted) {
        Set<String> problems = new TreeSet<>();
        wanted.forEach((name, value) -> {
            if (!name.matches("[a-z][a-zA-Z0-9_]*(\\.[a-zA-Z][a-zA-Z0-9_]*)?")) {
                problems.add(where + "'" + name + "' is not the name of a parameter of Postgres");
            } else if (MANAGED_NAMES.contains(name) || RESERVED.contains(name) || name.equals(SINCE_17)) {
                problems.add(where + name + " is managed by ha-agent and cannot be set");
            } else if (name.equals("max_slot_wal_keep_size") && value.strip().startsWith("-")) {
                problems.add(where + "max_slot_wal_keep_size is '" + value
                        + "'; it must be 0 or more, for a slot that nobody uses must not fill the volume");
            } else if (name.equals("wal_level") && value.equals("minimal")) {
                problems.add(where + "wal_level must be replica or logical, for standbys need the WAL");
            }
        });
        return List.copyOf(problems);
    }
}
