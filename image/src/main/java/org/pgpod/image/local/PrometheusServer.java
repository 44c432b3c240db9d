package org.pgpod.image.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgpod.image.observation.ScrapedSeries;
import org.pgpod.image.observation.WatchFiles;

/** A real Prometheus server from Debian's package, scraping every sidecar of every pod. */
final class PrometheusServer implements AutoCloseable {
    private static final int PORT = 9090;
    private static final long STOP_SECONDS = 10;
    private static final Map<String, Integer> SIDECAR_PORTS = Map.of(
            "ha-agent", 8008, "wire-proxy", 9127, "exporter", 9187, "log-shipper", 9189, "extension-loader", 9190);

    private final LocalCluster cluster;
    private final Path root;
    private final LocalProcess process;

    private PrometheusServer(LocalCluster cluster, Path root, LocalProcess process) {
        this.cluster = cluster;
        this.root = root;
        this.process = process;
    }

    static PrometheusServer start(LocalCluster cluster) throws IOException, InterruptedException {
        LocalLayout layout = cluster.layout();
        Path root = new DebianProgram(layout.state().resolveSibling("programs")).unpacked("prometheus", "prometheus");
        Path directory =
                cluster.users().directory(layout.state().resolve("prometheus"), LocalUsers.Owner.SIDECAR, "755");
        Path configuration = Files.writeString(directory.resolve("prometheus.yml"), configuration(cluster));
        cluster.users().own(configuration, LocalUsers.Owner.ROOT, "644");
        Path rules = Files.writeString(directory.resolve(WatchFiles.RULES), WatchFiles.text(WatchFiles.RULES));
        cluster.users().own(rules, LocalUsers.Owner.ROOT, "644");
        LocalProcess process = LocalProcess.start(
                "prometheus",
                cluster.users()
                        .sidecar(List.of(
                                root.resolve("usr/bin/prometheus").toString(),
                                "--config.file=" + configuration,
                                "--storage.tsdb.path=" + directory.resolve("data"),
                                "--web.listen-address=" + layout.prometheusAddress() + ":" + PORT)),
                Map.of(),
                layout.state().resolve("prometheus.out"));
        cluster.leftovers().remember(process.handle());
        return new PrometheusServer(cluster, root, process);
    }

    private static String configuration(LocalCluster cluster) {
        StringBuilder yaml = new StringBuilder("""
                global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}
                rule_files: [%s]
                scrape_configs:
                """.formatted(WatchFiles.RULES));
        new java.util.TreeMap<>(SIDECAR_PORTS).forEach((sidecar, port) -> {
            List<String> targets = cluster.pods().stream()
                    .map(pod -> "'" + pod.address() + ":" + port + "'")
                    .toList();
            yaml.append("  - job_name: ").append(sidecar).append("\n    static_configs:\n      - targets: [");
            yaml.append(String.join(", ", targets)).append("]\n");
        });
        return yaml.toString();
    }

    /** How many targets there are. */
    int targets() {
        return SIDECAR_PORTS.size() * cluster.pods().size();
    }

    private JsonNode ask(String path) throws IOException, InterruptedException {
        HttpResponse<String> response =
                cluster.status().get("http://" + cluster.layout().prometheusAddress() + ":" + PORT + path);
        return new ObjectMapper().readTree(response.body()).path("data");
    }

    /** How many of the alerts were evaluated without an error. */
    int soundRules() throws IOException, InterruptedException {
        int sound = 0;
        for (JsonNode group : ask("/api/v1/rules").path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                sound += rule.path("health").asText().equals("ok") ? 1 : 0;
            }
        }
        return sound;
    }

    /** Metrics and labels that alerts and dashboards use and that no page of any sidecar of any pod has. */
    List<String> missing() throws IOException, InterruptedException {
        ScrapedSeries series = new ScrapedSeries();
        for (LocalPod pod : cluster.pods()) {
            for (int port : SIDECAR_PORTS.values()) {
                series.add(cluster.status()
                        .get("http://" + pod.address() + ":" + port + "/metrics")
                        .body());
            }
        }
        return WatchFiles.missing(series);
    }

    /** How many targets the last scrape found up; 0 while the server starts. */
    int up() throws InterruptedException {
        try {
            int up = 0;
            for (JsonNode target : ask("/api/v1/targets").path("activeTargets")) {
                up += target.path("health").asText().equals("up") ? 1 : 0;
            }
            return up;
        } catch (IOException notYet) {
            return 0;
        }
    }

    /** What {@code promtool check metrics} has to say of our own names on every page; empty when it is content. */
    List<String> complaints() throws IOException, InterruptedException {
        List<String> complaints = new ArrayList<>();
        for (Map.Entry<String, Integer> sidecar : SIDECAR_PORTS.entrySet()) {
            String address = cluster.pods().getFirst().address();
            String page = cluster.status()
                    .get("http://" + address + ":" + sidecar.getValue() + "/metrics")
                    .body();
            String own = page.lines()
                    .filter(line -> line.startsWith("pgpod_")
                            || line.startsWith("# HELP pgpod_")
                            || line.startsWith("# TYPE pgpod_"))
                    .reduce("", (lines, line) -> lines + line + "\n");
            if (own.isEmpty()) {
                complaints.add(sidecar.getKey() + ": no metric named pgpod_ at all");
            }
            promtool(own).lines().forEach(line -> complaints.add(sidecar.getKey() + ": " + line));
        }
        return complaints;
    }

    private String promtool(String page) throws IOException, InterruptedException {
        Process promtool = new ProcessBuilder(root.resolve("usr/bin/promtool").toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (var input = promtool.getOutputStream()) {
            input.write(page.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        String output = new String(promtool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return promtool.waitFor() == 0 ? "" : output;
    }

    @Override
    public void close() {
        process.stop(STOP_SECONDS);
    }
}
