package org.pgpod.wireproxy.traces;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.pgpod.wireproxy.protocol.SqlCommand;
import org.pgpod.wireproxy.protocol.SqlState;
import org.pgpod.wireproxy.protocol.SqlText;
import org.pgpod.wireproxy.telemetry.FinishedStatement;
import org.pgpod.wireproxy.telemetry.Outbox;
import org.pgpod.wireproxy.telemetry.TracedStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends statements as spans to a collector by OTLP over HTTP, in batches and behind a bounded queue: a collector that is
 * slow or gone costs spans, which are counted, and no statement any time.
 *
 * <p>Source: OpenTelemetry's semantic conventions for PostgreSQL client operations.
 */
public final class SpanExport implements AutoCloseable {
    /** Spans that wait for the collector. */
    private static final int ROOM_MAX = 1_024;

    private static final int BATCH_MAX = 512;
    private static final long GATHER_MILLIS = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("db.system.name");
    private static final AttributeKey<String> NAMESPACE = AttributeKey.stringKey("db.namespace");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    private static final AttributeKey<String> QUERY_TEXT = AttributeKey.stringKey("db.query.text");
    private static final AttributeKey<String> STATUS_CODE = AttributeKey.stringKey("db.response.status_code");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    private static final AttributeKey<String> CLIENT_ADDRESS = AttributeKey.stringKey("client.address");
    private static final AttributeKey<Long> CLIENT_PORT = AttributeKey.longKey("client.port");
    private static final String POSTGRESQL = "postgresql";

    /** Whether spans carry the statement's text without its literals. */
    public enum QueryText {
        OFF,
        NORMALIZED
    }

    /**
     * Where spans go and what they say of this server.
     *
     * @param endpoint the collector's address with the path, such as {@code http://collector:4318/v1/traces}
     * @param queryText whether texts are sent
     * @param serverAddress the pod's address
     * @param serverPort the clients' port
     * @param resource attributes of the process
     */
    public record Target(
            URI endpoint, QueryText queryText, String serverAddress, int serverPort, Map<String, String> resource) {
        public Target {
            resource = Map.copyOf(resource);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(SpanExport.class);
    // The library writes each failure to the standard error; kept here, so that its level is not forgotten.
    private static final java.util.logging.Logger LIBRARY_LOG = java.util.logging.Logger.getLogger("io.opentelemetry");

    private final Target target;
    private final Resource resource;
    private final OtlpHttpSpanExporter exporter;
    private final Outbox<TracedStatement> outbox;
    private final LongAdder exported;
    private final LongAdder dropped;
    /** Touched by the thread of the outbox only. */
    private boolean failing;

    public SpanExport(Target target, LongAdder exported, LongAdder dropped) {
        LIBRARY_LOG.setLevel(java.util.logging.Level.OFF);
        this.target = target;
        this.exported = exported;
        this.dropped = dropped;
        AttributesBuilder attributes = Attributes.builder();
        target.resource().forEach(attributes::put);
        this.resource = Resource.create(attributes.build());
        this.exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(target.endpoint().toString())
                .setTimeout(TIMEOUT)
                .setConnectTimeout(TIMEOUT)
                .setRetryPolicy(null)
                .build();
        this.outbox = new Outbox<>("span-export", ROOM_MAX, BATCH_MAX, GATHER_MILLIS, dropped, this::export);
    }

    /** Where the statements to be sent are put. */
    public Outbox<TracedStatement> outbox() {
        return outbox;
    }

    private void export(List<TracedStatement> batch) {
        List<SpanData> spans = batch.stream().<SpanData>map(this::span).toList();
        CompletableResultCode result = exporter.export(spans).join(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        (result.isSuccess() ? exported : dropped).add(batch.size());
        tell(result.isSuccess());
    }

    private void tell(boolean reached) {
        if (reached == failing) {
            failing = !reached;
            if (failing) {
                LOG.warn("spans are dropped endpoint={} reason=the collector does not take them", target.endpoint());
            } else {
                LOG.info("spans are exported again endpoint={}", target.endpoint());
            }
        }
    }

    private StatementSpan span(TracedStatement traced) {
        FinishedStatement statement = traced.statement();
        String normalized = statement.text().map(SqlText::normalized).orElse("");
        Optional<String> operation = operation(statement, normalized);
        String database = statement.who().database();
        AttributesBuilder attributes = Attributes.builder()
                .put(SYSTEM, POSTGRESQL)
                .put(NAMESPACE, database)
                .put(SERVER_ADDRESS, target.serverAddress())
                .put(SERVER_PORT, (long) target.serverPort());
        operation.ifPresent(name -> attributes.put(OPERATION, name));
        putClient(attributes, statement.who().client());
        if (target.queryText() == QueryText.NORMALIZED && !normalized.isEmpty()) {
            attributes.put(QUERY_TEXT, normalized);
        }
        StatusData status = StatusData.unset();
        if (statement.tag().isEmpty()) {
            String sqlState = SqlState.text(statement.sqlState());
            attributes.put(STATUS_CODE, sqlState).put(ERROR_TYPE, sqlState);
            status = StatusData.error();
        }
        String name = operation.map(command -> command + " " + database).orElse(database);
        return new StatementSpan(traced, name, attributes.build(), status, resource);
    }

    /** Takes {@code address:port} or {@code [address]:port} apart. */
    private static void putClient(AttributesBuilder attributes, String client) {
        int colon = client.lastIndexOf(':');
        if (colon > 0) {
            String address = client.substring(0, colon);
            attributes
                    .put(CLIENT_ADDRESS, address.startsWith("[") ? address.substring(1, address.length() - 1) : address)
                    .put(CLIENT_PORT, Long.parseLong(client.substring(colon + 1)));
        }
    }

    private static Optional<String> operation(FinishedStatement statement, String normalized) {
        Optional<String> written = SqlCommand.of(normalized);
        return written.isPresent() || statement.tag().isEmpty()
                ? written
                : statement
                        .tag()
                        .map(tag -> tag.name().toUpperCase(Locale.ROOT))
                        .filter(name -> !name.equals("OTHER"));
    }

    @Override
    public void close() {
        outbox.close();
        exporter.shutdown();
    }
}
