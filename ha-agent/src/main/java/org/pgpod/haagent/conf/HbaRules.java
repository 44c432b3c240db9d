package org.pgpod.haagent.conf;

import java.util.List;

/**
 * The text of pg_hba.conf. First pgpod's own roles, so that no line of the operator's can lock them out: on the Unix
 * socket, where clients and peers arrive through wire-proxy, and on loopback. Then the operator's lines. Last, the socket
 * takes everybody else with a SCRAM password; nothing else is let in.
 */
public final class HbaRules {
    private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");

    private HbaRules() {}

    public static String text(PeerAccess.Security peers, List<String> lines) {
        StringBuilder text = new StringBuilder("# Written by ha-agent; changes are lost.\n");
        String own = String.join(",", PostgresRole.names());
        rule(text, "local", "all", own, "");
        rule(text, "local", "replication", PostgresRole.PGPOD_REPLICATION.text(), "");
        for (String network : LOOPBACK) {
            rule(text, "host", "all", own, network);
            if (peers == PeerAccess.Security.NONE) {
                rule(text, "host", "replication", PostgresRole.PGPOD_REPLICATION.text(), network);
            }
        }
        lines.forEach(line -> text.append(line.strip()).append('\n'));
        rule(text, "local", "all", "all", "");
        rule(text, "local", "replication", "all", "");
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
