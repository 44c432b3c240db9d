package org.pgpod.logshipper.forward;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The body of OTLP's {@code POST /v1/logs} in its JSON form. Names of attributes are those of OpenTelemetry's semantic
 * conventions where they have one, {@code postgresql.<column>} and {@code pgpod.<column>} otherwise.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding">OTLP, JSON Protobuf Encoding</a>
 */
final class OtlpLogs implements Payload {
    private static final Map<String, String> RESOURCE = Map.of(
            "cluster", "service.name",
            "namespace", "k8s.namespace.name",
            "pod", "k8s.pod.name",
            "node", "k8s.node.name",
            "source_id", "service.instance.id");

    private static final Map<String, String> CONVENTIONS = Map.of(
            "database_name", "db.namespace",
            "state_code", "db.response.status_code",
            "statement", "db.query.text",
            "remote_host", "client.address",
            "remote_port", "client.port",
            "func_name", "code.function.name",
            "exception", "exception.stacktrace");

    /** What has a place of its own in a log record. */
    private static final Set<String> ELSEWHERE = Set.of("log_time", "message", "line");

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public void write(List<ForwardedRecord> records, OutputStream out) throws IOException {
        Map<Map<String, Object>, List<ForwardedRecord>> resources = new LinkedHashMap<>();
        for (ForwardedRecord record : records) {
            resources
                    .computeIfAbsent(resource(record), attributes -> new ArrayList<>())
                    .add(record);
        }
        try (JsonGenerator json = JsonLines.JSON.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeArrayFieldStart("resourceLogs");
            for (Map.Entry<Map<String, Object>, List<ForwardedRecord>> resource : resources.entrySet()) {
                write(json, resource.getKey(), resource.getValue());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static Map<String, Object> resource(ForwardedRecord record) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        record.values().forEach((column, value) -> {
            String name = RESOURCE.get(column);
            if (name != null) {
                attributes.put(name, value);
            }
        });
        return attributes;
    }

    private static void write(JsonGenerator json, Map<String, Object> resource, List<ForwardedRecord> records)
            throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("resource");
        attributes(json, resource);
        json.writeEndObject();
        json.writeArrayFieldStart("scopeLogs");
        json.writeStartObject();
        json.writeObjectFieldStart("scope");
        json.writeStringField("name", "org.pgpod.logshipper");
        json.writeEndObject();
        json.writeArrayFieldStart("logRecords");
        for (ForwardedRecord record : records) {
            write(json, record);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, ForwardedRecord record) throws IOException {
        json.writeStartObject();
        json.writeStringField("timeUnixNano", LokiPush.nanos(record.time()));
        if (!record.severity().isEmpty()) {
            json.writeNumberField("severityNumber", severityNumber(record.severity()));
            json.writeStringField("severityText", record.severity());
        }
        json.writeObjectFieldStart("body");
        json.writeStringField("stringValue", record.body());
        json.writeEndObject();
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("log.record.uid", record.id());
        record.values().forEach((column, value) -> {
            if (!RESOURCE.containsKey(column) && !ownPlace(record, column)) {
                attributes.put(name(record, column), value);
            }
        });
        attributes(json, attributes);
        json.writeEndObject();
    }

    /** The number of a sidecar's line is no text of a record. */
    private static boolean ownPlace(ForwardedRecord record, String column) {
        return ELSEWHERE.contains(column)
                && !(column.equals("line") && record.values().get(column) instanceof Long);
    }

    private static String name(ForwardedRecord record, String column) {
        String known = CONVENTIONS.get(column);
        if (known != null) {
            return known;
        }
        return (switch (record.table()) {
                    case POSTGRES_LOG, POSTGRES_STDERR -> "postgresql.";
                    case SIDECAR_LOG, DEAD_LETTER -> "pgpod.";
                })
                + column;
    }

    private static void attributes(JsonGenerator json, Map<String, Object> attributes) throws IOException {
        json.writeArrayFieldStart("attributes");
        for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
            json.writeStartObject();
            json.writeStringField("key", attribute.getKey());
            json.writeObjectFieldStart("value");
            switch (attribute.getValue()) {
                case Long number -> json.writeStringField("intValue", Long.toString(number));
                case ForwardedRecord.Json document -> json.writeStringField("stringValue", document.text());
                default ->
                    json.writeStringField("stringValue", attribute.getValue().toString());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** The severity numbers of OpenTelemetry's log data model. */
    static int severityNumber(String severity) {
        return switch (severity.toUpperCase(Locale.ROOT)) {
            case "TRACE" -> 1;
            case "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5" -> 5;
            case "INFO", "LOG" -> 9;
            case "NOTICE" -> 10;
            case "WARN", "WARNING" -> 13;
            case "ERROR" -> 17;
            case "FATAL" -> 21;
            case "PANIC" -> 24;
            default -> 0;
        };
    }
}
