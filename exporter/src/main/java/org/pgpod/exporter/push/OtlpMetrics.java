package org.pgpod.exporter.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;

/**
 * The body of OTLP's {@code POST /v1/metrics} in its JSON form. Metrics keep the names that the page has, counters are
 * cumulative sums of unknown beginning, what has no type is a gauge.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding">OTLP, JSON Protobuf Encoding</a>
 */
final class OtlpMetrics {
    static final String CONTENT_TYPE = "application/json";

    private static final JsonFactory JSON = JsonFactory.builder().build();
    private static final int CUMULATIVE = 2;

    private final Map<String, String> resource;
    private final String version;

    /**
     * A writer.
     *
     * @param resource the attributes of what the metrics are about
     * @param version of the exporter
     */
    OtlpMetrics(Map<String, String> resource, String version) {
        this.resource = Map.copyOf(resource);
        this.version = version;
    }

    void write(List<PointSlice> slices, Instant time, OutputStream out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            beginOnly(json, "resourceMetrics");
            json.writeObjectFieldStart("resource");
            attributes(json, resource);
            json.writeEndObject();
            beginOnly(json, "scopeMetrics");
            json.writeObjectFieldStart("scope");
            json.writeStringField("name", "org.pgpod.exporter");
            json.writeStringField("version", version);
            json.writeEndObject();
            json.writeArrayFieldStart("metrics");
            String nanos = time.getEpochSecond() + String.format("%09d", time.getNano());
            for (PointSlice slice : slices) {
                metric(json, slice, nanos);
            }
            json.writeEndArray();
            endOnly(json);
            endOnly(json);
            json.writeEndObject();
        }
    }

    /** Begins an array that has one object. */
    private static void beginOnly(JsonGenerator json, String field) throws IOException {
        json.writeArrayFieldStart(field);
        json.writeStartObject();
    }

    private static void endOnly(JsonGenerator json) throws IOException {
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void metric(JsonGenerator json, PointSlice slice, String nanos) throws IOException {
        MetricFamily family = slice.family();
        json.writeStartObject();
        json.writeStringField("name", family.name());
        json.writeStringField("description", family.help());
        switch (family.type()) {
            case COUNTER -> {
                json.writeObjectFieldStart("sum");
                json.writeNumberField("aggregationTemporality", CUMULATIVE);
                json.writeBooleanField("isMonotonic", true);
                numbers(json, slice, nanos);
            }
            case HISTOGRAM -> {
                json.writeObjectFieldStart("histogram");
                json.writeNumberField("aggregationTemporality", CUMULATIVE);
                histograms(json, slice, nanos);
            }
            case GAUGE, UNTYPED, SUMMARY -> {
                json.writeObjectFieldStart("gauge");
                numbers(json, slice, nanos);
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void numbers(JsonGenerator json, PointSlice slice, String nanos) throws IOException {
        json.writeArrayFieldStart("dataPoints");
        for (int i = slice.from(); i < slice.to(); i++) {
            beginPoint(json, slice.family().labels(i), nanos);
            number(json, "asDouble", slice.family().value(i));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void beginPoint(JsonGenerator json, String labels, String nanos) throws IOException {
        json.writeStartObject();
        attributes(json, LabelText.read(labels));
        json.writeStringField("timeUnixNano", nanos);
    }

    private static void histograms(JsonGenerator json, PointSlice slice, String nanos) throws IOException {
        json.writeArrayFieldStart("dataPoints");
        List<Double> bounds = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        long below = 0;
        double sum = 0;
        for (int i = slice.from(); i < slice.to(); i++) {
            double value = slice.family().value(i);
            switch (slice.family().part(i)) {
                case MetricFamily.Part.Bucket(double bound) -> {
                    if (Double.isFinite(bound)) {
                        bounds.add(bound);
                    }
                    // The page counts all up to a bound, OTLP those between two bounds.
                    counts.add((long) value - below);
                    below = (long) value;
                }
                case MetricFamily.Part.Sum _ -> sum = value;
                case MetricFamily.Part.Count _ -> {
                    beginPoint(json, slice.family().labels(i), nanos);
                    json.writeStringField("count", Long.toString((long) value));
                    number(json, "sum", sum);
                    histogram(json, bounds, counts);
                    json.writeEndObject();
                    bounds.clear();
                    counts.clear();
                    below = 0;
                }
                case MetricFamily.Part.Whole _ -> throw new IllegalStateException("a part of no histogram");
            }
        }
        json.writeEndArray();
    }

    private static void histogram(JsonGenerator json, List<Double> bounds, List<Long> counts) throws IOException {
        json.writeArrayFieldStart("bucketCounts");
        for (long count : counts) {
            json.writeString(Long.toString(count));
        }
        json.writeEndArray();
        json.writeArrayFieldStart("explicitBounds");
        for (double bound : bounds) {
            json.writeNumber(bound);
        }
        json.writeEndArray();
    }

    /** What is no number in JSON is a text, as proto3 has it. */
    private static void number(JsonGenerator json, String field, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumberField(field, value);
        } else {
            json.writeStringField(field, Double.toString(value));
        }
    }

    private static void attributes(JsonGenerator json, Map<String, String> attributes) throws IOException {
        json.writeArrayFieldStart("attributes");
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            json.writeStartObject();
            json.writeStringField("key", attribute.getKey());
            json.writeObjectFieldStart("value");
            json.writeStringField("stringValue", attribute.getValue());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
