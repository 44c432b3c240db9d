package org.pgpod.haagent.conf;

import java.util.List;

/**
 * The text of pg_hba.conf: the Unix socket, where clients and peers arrive through wire-proxy, takes everybody with a
 * SCRAM password; loopback takes pgpod's own roles only; nothing else is let in.
 */
public final class HbaRules {
    private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");

    private HbaRules() {}

    public static String text(PeerAccess.Security peers) {
        StringBuilder text = new StringBuilder("# Written by ha-agent; changes are lost.\n");
        rule(text, "local", "all", "all", "");
        rule(text, "local", "replication", "all", "");
        for (String network : LOOPBACK) {
            rule(text, "host", "all", String.join(",", PostgresRole.names()), network);
            if (peers == PeerAccess.Security.NONE) {
                rule(text, "host", "replication", PostgresRole.PGPOD_REPLICATION.text(), network);
            }
        }
        return text.toString();
    }

    private static void rule(StringBuilder text, String type, String database, String users, String network) {
        text.append(type)
                .append(' ')
                .append(database)
                .append(' ')
                .append(users)
                .append(' ')
                .append(network)
                .append(network.isEmpty() ? "" : " ")
                .append("scram-sha-256\n");
    }
}
