package org.pgpod.wireproxy;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.wireproxy.channel.EventLoops;
import org.pgpod.wireproxy.session.TextBudget;
import org.pgpod.wireproxy.session.Watching;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.Durations;
import org.pgpod.wireproxy.telemetry.ProxyMeters;
import org.pgpod.wireproxy.telemetry.SlowLog;
import org.pgpod.wireproxy.telemetry.StatementReporter;
import org.pgpod.wireproxy.telemetry.Tracer;
import org.pgpod.wireproxy.traces.SpanExport;

/** Builds what measures and tells of statements, and starts what of it has threads. */
final class Observation {
    private final WireProxySettings settings;
    private final SidecarContext context;
    private final Counters counters;
    private final Deque<Runnable> stops;

    Observation(WireProxySettings settings, SidecarContext context, Counters counters, Deque<Runnable> stops) {
        this.settings = settings;
        this.context = context;
        this.counters = counters;
        this.stops = stops;
    }

    Watching watching() {
        ObservationSettings chosen = settings.observation();
        Durations durations = new Durations(chosen.labels(), chosen.labelValuesMax());
        if (context.meters() instanceof PrometheusMeterRegistry prometheus) {
            durations.register(prometheus.getPrometheusRegistry());
        }
        TextBudget texts = new TextBudget();
        new ProxyMeters(context.meters())
                .counter(
                        "statement.texts.refused",
                        "Texts of statements that found no room",
                        Tags.empty(),
                        texts.refused());
        StatementReporter reporter = new StatementReporter(slowLog(chosen), tracer(chosen));
        return new Watching(counters, durations, reporter, texts, System::nanoTime);
    }

    /** Shows the pools of these loops. */
    void showPools(EventLoops loops) {
        ObservationSettings chosen = settings.observation();
        if (context.meters() instanceof PrometheusMeterRegistry prometheus) {
            new PoolGauges(chosen.labels(), chosen.labelValuesMax(), loops::poolLines)
                    .register(prometheus.getPrometheusRegistry());
        }
    }

    private Optional<SlowLog> slowLog(ObservationSettings chosen) {
        if (chosen.slowStatementThreshold().isZero()) {
            return Optional.empty();
        }
        SlowLog log = new SlowLog(chosen.slowStatementThreshold(), counters.slowStatementsSuppressed);
        stops.push(log::close);
        return Optional.of(log);
    }

    private Optional<Tracer> tracer(ObservationSettings chosen) {
        return chosen.tracesEndpoint().map(endpoint -> {
            PodSettings pod = context.pod();
            SpanExport export = new SpanExport(
                    new SpanExport.Target(
                            endpoint,
                            chosen.tracesQueryText(),
                            pod.address(),
                            settings.port(),
                            Map.of(
                                    "service.name",
                                    "wire-proxy",
                                    "service.namespace",
                                    pod.cluster(),
                                    "service.instance.id",
                                    pod.uid(),
                                    "k8s.namespace.name",
                                    pod.namespace(),
                                    "k8s.pod.name",
                                    pod.name())),
                    counters.spansExported,
                    counters.spansDropped);
            stops.push(export::close);
            return new Tracer(chosen.tracesSampleRatio(), export.outbox());
        });
    }
}
