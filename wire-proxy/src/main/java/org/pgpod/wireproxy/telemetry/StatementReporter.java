package org.pgpod.wireproxy.telemetry;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Optional;

/** Hands statements to the slow log and to traces, whichever there are. */
public final class StatementReporter implements StatementReports {
    private final Optional<SlowLog> slowLog;
    private final Optional<Tracer> tracer;

    public StatementReporter(Optional<SlowLog> slowLog, Optional<Tracer> tracer) {
        this.slowLog = slowLog;
        this.tracer = tracer;
    }

    @Override
    public boolean wanted() {
        return slowLog.isPresent() || tracer.isPresent();
    }

    @Override
    public Labels finished(FinishedStatement statement) {
        slowLog.ifPresent(log -> log.finished(statement));
        return tracer.flatMap(traces -> traces.finished(statement))
                .map(traced -> Labels.of("trace_id", traced.traceId(), "span_id", traced.spanId()))
                .orElse(Labels.EMPTY);
    }
}
