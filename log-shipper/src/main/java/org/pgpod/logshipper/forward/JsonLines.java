package org.pgpod.logshipper.forward;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.pgpod.logshipper.forward.ForwardedRecord.Json;

/** One JSON object for each record, on a line of its own: its id, its table, and its columns. */
final class JsonLines implements Payload {
    /** Records are bounded where they are read; the library's own limits are lower. */
    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    @Override
    public String contentType() {
        return "application/x-ndjson";
    }

    @Override
    public void write(List<ForwardedRecord> records, OutputStream out) throws IOException {
        for (ForwardedRecord record : records) {
            out.write(line(record).getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }
    }

    /** The object, without a line end. */
    static String line(ForwardedRecord record) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("id", record.id());
            json.writeStringField("table", record.table().sqlName());
            for (Map.Entry<String, Object> value : record.values().entrySet()) {
                json.writeFieldName(value.getKey());
                write(json, value.getValue());
            }
            json.writeEndObject();
        }
        return line.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Long number -> json.writeNumber(number);
            case Json document -> {
                try (JsonParser parser = JSON.createParser(document.text())) {
                    parser.nextToken();
                    json.copyCurrentStructure(parser);
                }
            }
            default -> json.writeString(value.toString());
        }
    }
}
