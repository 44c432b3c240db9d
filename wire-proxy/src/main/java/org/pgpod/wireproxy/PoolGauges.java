package org.pgpod.wireproxy;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.pgpod.wireproxy.console.PoolLine;
import org.pgpod.wireproxy.telemetry.Label;
import org.pgpod.wireproxy.telemetry.LabelSets;

/** Shows pools as gauges, read when metrics are read, with a bounded number of databases and roles. */
final class PoolGauges {
    private static final double MILLIS = 1_000;

    private final Supplier<List<PoolLine>> source;

    /** Which database and role a pool is shown under. */
    private final LabelSets<List<String>> labels;

    private final List<String> names;

    PoolGauges(Set<Label> shown, int valuesMax, Supplier<List<PoolLine>> source) {
        this.source = source;
        Set<Label> ofPools =
                shown.stream().filter(label -> label != Label.APPLICATION).collect(java.util.stream.Collectors.toSet());
        this.labels = new LabelSets<>(ofPools, valuesMax, values -> values);
        this.names = labels.shown().stream()
                .map(label -> label.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    void register(PrometheusRegistry registry) {
        registry.register(gauge(
                "pgpod_proxy_pool_clients",
                "Pooled clients: served or asking for nothing, waiting for a server connection, cancelling",
                Map.of(
                        "active", PoolLine::clientsActive,
                        "waiting", PoolLine::clientsWaiting,
                        "cancelling", PoolLine::cancelling)));
        registry.register(gauge(
                "pgpod_proxy_pool_servers",
                "Server connections of pools, by what they do",
                Map.of(
                        "active", PoolLine::serversActive,
                        "idle", PoolLine::serversIdle,
                        "resetting", PoolLine::serversResetting,
                        "login", PoolLine::serversOpening)));
        registry.register(GaugeWithCallback.builder()
                .name("pgpod_proxy_pool_wait_seconds_max")
                .help("How long the first client that waits for a server connection has waited")
                .labelNames(names.toArray(String[]::new))
                .callback(shown -> read().forEach((values, line) ->
                        shown.call(line.longestWaitMillis() / MILLIS, values.toArray(String[]::new))))
                .build());
    }

    private GaugeWithCallback gauge(String name, String help, Map<String, ToDoubleFunction<PoolLine>> states) {
        return GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(with(names, "state"))
                .callback(shown -> read().forEach((values, line) ->
                        states.forEach((state, number) -> shown.call(number.applyAsDouble(line), with(values, state)))))
                .build();
    }

    private static String[] with(List<String> values, String last) {
        List<String> all = new ArrayList<>(values);
        all.add(last);
        return all.toArray(String[]::new);
    }

    private Map<List<String>, PoolLine> read() {
        Map<List<String>, PoolLine> lines = new HashMap<>();
        for (PoolLine line : source.get()) {
            lines.merge(labels.of(line.database(), line.user(), ""), line, PoolLine::plus);
        }
        return lines;
    }
}
