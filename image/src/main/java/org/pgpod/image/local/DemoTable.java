package org.pgpod.image.local;

import java.util.Optional;

/** What runs where, and lines to paste. */
final class DemoTable {
    private final LocalCluster cluster;

    DemoTable(LocalCluster cluster) {
        this.cluster = cluster;
    }

    String text() throws InterruptedException {
        LocalLayout layout = cluster.layout();
        Optional<LocalPod> primary = cluster.primary();
        StringBuilder text = new StringBuilder("\n");
        text.append(String.format(
                "%-8s %-12s %-9s %-7s %-7s %-7s %-9s %-9s %-9s%n",
                "pod", "address", "role", "clients", "peers", "agent", "exporter", "proxy", "logs"));
        for (LocalPod pod : cluster.pods()) {
            String role = primary.filter(pod::equals).isPresent() ? "primary" : "replica";
            text.append(String.format(
                    "%-8s %-12s %-9s %-7s %-7s %-7s %-9s %-9s %-9s%n",
                    pod.name(), pod.address(), role, ":5432", ":5434", ":8008", ":9187", ":9127", ":9189"));
        }
        text.append("\nKubernetes API  ")
                .append(cluster.kubernetes()
                        .plainUrl()
                        .orElse(layout.kubeconfig().toString()));
        text.append("\nlog store       ")
                .append(layout.logStoreAddress())
                .append(':')
                .append(LogStore.PORT);
        text.append("\nfiles           ").append(layout.state()).append("\n\nTry:\n");
        String hosts =
                String.join(",", cluster.pods().stream().map(LocalPod::address).toList());
        String authority = layout.authority().resolve("ca.crt").toString();
        line(
                text,
                "PGPASSWORD=$(cat " + layout.credentials().resolve("postgres") + ") psql 'host=" + hosts
                        + " user=postgres dbname=postgres target_session_attrs=read-write sslmode=verify-full sslrootcert="
                        + authority + "'");
        String agent = "http://" + cluster.pods().getFirst().address() + ":" + AgentStatus.AGENT_PORT;
        line(text, "./pgpod ctl --url " + agent + " list");
        line(
                text,
                "./pgpod ctl --url " + agent + " --token-file "
                        + layout.credentials().resolve(LocalCluster.REST_TOKEN) + " switchover");
        line(text, "curl -s " + agent + "/cluster");
        line(text, "curl -s http://" + cluster.pods().getFirst().address() + ":9187/metrics | grep ^pg_");
        line(
                text,
                "PGPASSWORD=$(cat " + layout.credentials().resolve("postgres") + ") psql 'host="
                        + layout.logStoreAddress() + " user=postgres dbname=" + LogStore.DATABASE + "'");
        return text.append("\nCtrl-C ends it and removes its files.").toString();
    }

    private static void line(StringBuilder text, String command) {
        text.append("  ").append(command).append('\n');
    }
}
