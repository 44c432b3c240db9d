package org.pgpod.haagent.conf;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What stays the same in Postgres's configuration, whatever role it plays.
 *
 * @param cluster shown in the process title
 * @param listenAddress a loopback address
 * @param port of that address, and the number of the socket
 * @param socketDirectory where the Unix socket is
 * @param configurationDirectory where the configuration files are
 * @param logDirectory where Postgres writes its logs
 * @param logFormat in which structured format
 * @param peers how other members are reached
 * @param remote how a server of another cluster is reached
 * @param parameters what the operator wants besides, by name
 * @param tuning what fits the container while nobody names it
 * @param applyDelay how long a standby waits before it replays a commit
 */
public record PostgresLayout(
        String cluster,
        String listenAddress,
        int port,
        Path socketDirectory,
        Path configurationDirectory,
        Path logDirectory,
        LogFormat logFormat,
        PeerAccess peers,
        RemoteAccess remote,
        Map<String, String> parameters,
        Tuning tuning,
        Duration applyDelay) {

    /** The structured format of Postgres's log. */
    public enum LogFormat {
        /** One JSON object for each record; Postgres 15 and later. */
        JSONLOG,
        CSVLOG
    }

    /** One that is tuned to nothing, replays at once, and knows no password of another cluster. */
    public PostgresLayout(
            String cluster,
            String listenAddress,
            int port,
            Path socketDirectory,
            Path configurationDirectory,
            Path logDirectory,
            LogFormat logFormat,
            PeerAccess peers,
            Map<String, String> parameters) {
        this(
                cluster,
                listenAddress,
                port,
                socketDirectory,
                configurationDirectory,
                logDirectory,
                logFormat,
                peers,
                new RemoteAccess(configurationDirectory, Optional.empty(), peers.passwordFile()),
                parameters,
                Tuning.NONE,
                Duration.ZERO);
    }

    public PostgresLayout {
        parameters = java.util.Collections.unmodifiableSortedMap(new java.util.TreeMap<>(parameters));
    }

    public Path parameterFile() {
        return configurationDirectory.resolve("postgresql.conf");
    }

    public Path hbaFile() {
        return configurationDirectory.resolve("pg_hba.conf");
    }

    public Path identFile() {
        return configurationDirectory.resolve("pg_ident.conf");
    }

    /** Passwords for replication and rewind, which the supervisor copies to where libpq accepts them. */
    public Path passwordFile() {
        return configurationDirectory.resolve("pgpass");
    }

    /** The superuser's password, for the time of initdb. */
    public Path superuserPasswordFile() {
        return configurationDirectory.resolve("superuser-password");
    }
}
