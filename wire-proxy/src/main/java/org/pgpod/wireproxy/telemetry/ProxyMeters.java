package org.pgpod.wireproxy.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.Severity;

/** Shows the counters and gauges of the proxy as meters named {@code pgpod_proxy_…}; the reference page lists them. */
public final class ProxyMeters {
    private static final String PREFIX = "pgpod.proxy.";

    private static final List<Severity> ERRORS =
            List.of(Severity.ERROR, Severity.FATAL, Severity.PANIC, Severity.UNKNOWN);
    private static final List<Severity> NOTICES =
            List.of(Severity.WARNING, Severity.NOTICE, Severity.INFO, Severity.LOG, Severity.DEBUG, Severity.UNKNOWN);

    private final MeterRegistry registry;

    public ProxyMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Registers every counter. */
    public void show(Counters counters) {
        for (ListenerName listener : ListenerName.values()) {
            counter(
                    "sessions",
                    "Sessions that reached Postgres",
                    tags("listener", listener),
                    counters.sessions(listener));
        }
        String messages = "Protocol messages relayed";
        counter("messages", messages, Tags.of("from", "client"), counters.messagesFromClients);
        counter("messages", messages, Tags.of("from", "postgres"), counters.messagesFromPostgres);
        String unknown = "Messages of a type that the protocol does not have";
        counter("messages.unknown", unknown, Tags.of("from", "client"), counters.messagesFromClientsUnknown);
        counter("messages.unknown", unknown, Tags.of("from", "postgres"), counters.messagesFromPostgresUnknown);
        String bytes = "Bytes relayed, without TLS";
        counter("relayed.bytes", bytes, Tags.of("from", "client"), counters.bytesFromClients);
        counter("relayed.bytes", bytes, Tags.of("from", "postgres"), counters.bytesFromPostgres);
        for (CommandTag tag : CommandTag.values()) {
            counter("statements", "Statements that ended well", tags("command", tag), counters.statements(tag));
        }
        for (Counters.Outcome outcome : Counters.Outcome.values()) {
            counter(
                    "transactions",
                    "Transactions that ended",
                    tags("outcome", outcome),
                    counters.transactions(outcome));
        }
        for (RefusalReason reason : RefusalReason.values()) {
            counter("refusals", "Connections turned away", tags("reason", reason), counters.refusals(reason));
        }
        counters.errors()
                .onAdded((sqlState, count) -> counter(
                        "errors",
                        "Errors reported by Postgres",
                        Tags.of("sqlstate", sqlState, "class", sqlStateClass(sqlState)),
                        count));
        showSeverities(counters);
        for (Counters.Encryption encryption : Counters.Encryption.values()) {
            counter(
                    "logins",
                    "Sessions whose user Postgres has admitted",
                    tags("encryption", encryption),
                    counters.logins(encryption));
        }
        String untimed = "Requests that no duration was taken of";
        counter("statements.untimed", untimed, Tags.empty(), counters.statementsUntimed);
        String suppressed = "Slow statements that the log has no line of";
        counter("slow.statements.suppressed", suppressed, Tags.empty(), counters.slowStatementsSuppressed);
        String spans = "Spans of statements";
        counter("spans", spans, Tags.of("result", "exported"), counters.spansExported);
        counter("spans", spans, Tags.of("result", "dropped"), counters.spansDropped);
        String unresolved = "Commits that synchronous standbys did not confirm";
        counter("unresolved.commits", unresolved, Tags.empty(), counters.unresolvedCommits);
        String handshakes = "TLS handshakes";
        counter("tls.handshakes", handshakes, Tags.of("result", "ok"), counters.tlsHandshakes);
        counter("tls.handshakes", handshakes, Tags.of("result", "failed"), counters.tlsHandshakesFailed);
        counter("cancel.requests", "Cancel requests passed on", Tags.empty(), counters.cancelRequests);
        showEnds(counters);
    }

    private void showEnds(Counters counters) {
        counter("sessions.fenced", "Sessions severed because the lease ended", Tags.empty(), counters.sessionsFenced);
        counter("sessions.dismissed", "Sessions closed with an error", Tags.empty(), counters.sessionsDismissed);
        counter(
                "sessions.forwarded",
                "Sessions relayed to the primary of another pod",
                Tags.empty(),
                counters.sessionsForwarded);
        counter(
                "sessions.pinned",
                "Sessions that came to keep a server connection",
                Tags.empty(),
                counters.sessionsPinned);
        counter(
                "sessions.moved",
                "Times that a pooled client went on with the primary of another pod, or came back from there",
                Tags.empty(),
                counters.sessionsMoved);
        counter("sessions.held", "Times that a client's message was held back", Tags.empty(), counters.sessionsParked);
    }

    private void showSeverities(Counters counters) {
        for (Severity severity : ERRORS) {
            counter(
                    "error.severities",
                    "Errors reported by Postgres, by severity",
                    tags("severity", severity),
                    counters.errorsOf(severity));
        }
        for (Severity severity : NOTICES) {
            counter(
                    "notices",
                    "Notices reported by Postgres",
                    tags("severity", severity),
                    counters.noticesOf(severity));
        }
    }

    /** Registers a value that goes up and down, read when metrics are read. */
    public <T> void gauge(String name, String description, Tags tags, T source, ToDoubleFunction<T> value) {
        Gauge.builder(PREFIX + name, source, value)
                .description(description)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    public static Tags tags(String key, Enum<?> value) {
        return Tags.of(key, value.name().toLowerCase(Locale.ROOT));
    }

    /** Registers a count that only rises. */
    public void counter(String name, String description, Tags tags, LongAdder count) {
        FunctionCounter.builder(PREFIX + name, count, LongAdder::sum)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private static String sqlStateClass(String sqlState) {
        boolean standard = sqlState.length() == 5 && !sqlState.equals(SqlStateCounts.OVERFLOW);
        return standard ? sqlState.substring(0, 2) : sqlState;
    }
}
