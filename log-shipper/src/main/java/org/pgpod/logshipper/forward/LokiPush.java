package org.pgpod.logshipper.forward;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The body of Loki's {@code POST /loki/api/v1/push}. Streams have few labels, and all of them bounded: cluster, namespace,
 * pod, table and severity; each line is the record as JSON.
 *
 * @see <a href="https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs">Loki HTTP API, Ingest logs</a>
 */
final class LokiPush implements Payload {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public void write(List<ForwardedRecord> records, OutputStream out) throws IOException {
        Map<Map<String, String>, List<ForwardedRecord>> streams = new LinkedHashMap<>();
        for (ForwardedRecord record : records) {
            streams.computeIfAbsent(labels(record), labels -> new ArrayList<>()).add(record);
        }
        try (JsonGenerator json = JsonLines.JSON.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeArrayFieldStart("streams");
            for (Map.Entry<Map<String, String>, List<ForwardedRecord>> stream : streams.entrySet()) {
                write(json, stream.getKey(), stream.getValue());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static Map<String, String> labels(ForwardedRecord record) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("service_name", record.text("cluster"));
        labels.put("namespace", record.text("namespace"));
        labels.put("pod", record.text("pod"));
        labels.put("table", record.table().sqlName());
        if (!record.severity().isEmpty()) {
            labels.put("severity", record.severity());
        }
        return labels;
    }

    private static void write(JsonGenerator json, Map<String, String> labels, List<ForwardedRecord> records)
            throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("stream");
        for (Map.Entry<String, String> label : labels.entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
        json.writeArrayFieldStart("values");
        for (ForwardedRecord record : records) {
            json.writeStartArray();
            json.writeString(nanos(record.time()));
            json.writeString(JsonLines.line(record));
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** Nanoseconds since 1970, as text. */
    static String nanos(Instant time) {
        return Long.toString(time.getEpochSecond() * NANOS_PER_SECOND + time.getNano());
    }
}
