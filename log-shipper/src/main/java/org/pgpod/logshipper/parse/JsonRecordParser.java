package org.pgpod.logshipper.parse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.Column;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;

/**
 * Reads one JSON object a line. A key that has a column fills it if the value is of its type; every other key and value is
 * kept in {@code extra}. Numbers stay exact: no value passes through a floating-point type.
 *
 * <p>Of a truncated record it keeps what was there: the last text as far as it goes.
 */
public final class JsonRecordParser implements RecordParser {
    private final JsonFactory factory = new JsonFactory();
    private final ByteArrayOutputStream extra = new ByteArrayOutputStream();
    private final Table table;
    private final LogTime time;
    private final int timeColumn;
    private final int truncatedColumn;
    private final int extraColumn;

    public JsonRecordParser(Table table, LogTime time) {
        this.table = table;
        this.time = time;
        this.timeColumn = table.column("log_time");
        this.truncatedColumn = table.column(Table.TRUNCATED);
        this.extraColumn = table.column(Table.EXTRA);
    }

    @Override
    public Verdict parse(RawRecord raw, RecordFields fields) {
        fields.reset(table);
        extra.reset();
        int to = raw.to();
        if (raw.truncated()) {
            to = TruncatedJson.close(raw.bytes(), raw.from(), to);
            fields.setBigint(truncatedColumn, raw.length());
        }
        if (blank(raw.bytes(), raw.from(), to)) {
            return Verdict.BLANK;
        }
        if (!Utf8.valid(raw.bytes(), raw.from(), to)) {
            return Verdict.INVALID_UTF8;
        }
        try (JsonParser json = factory.createParser(raw.bytes(), raw.from(), to - raw.from())) {
            readObject(json, fields);
        } catch (IOException malformed) {
            // The end of a truncated record is arbitrary: the values before it are good.
            if (!raw.truncated()) {
                return Verdict.INVALID_JSON;
            }
            extra.reset();
        }
        if (extra.size() > 0) {
            byte[] document = extra.toByteArray();
            fields.setJson(extraColumn, document, 0, document.length);
        }
        return fields.isNull(timeColumn) ? Verdict.INVALID_TIME : Verdict.PARSED;
    }

    private void readObject(JsonParser json, RecordFields fields) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IOException("not an object");
        }
        JsonGenerator others = null;
        for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            int column = table.columnOfKey(key);
            if (column < 0 || !readValue(json, value, column, fields)) {
                others = keep(json, key, others);
            }
        }
        if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
            throw new IOException("more than one object");
        }
        if (others != null) {
            others.writeEndObject();
            others.close();
        }
    }

    private JsonGenerator keep(JsonParser json, String key, @Nullable JsonGenerator others) throws IOException {
        JsonGenerator generator = others;
        if (generator == null) {
            generator = factory.createGenerator(extra);
            generator.writeStartObject();
        }
        generator.writeFieldName(key);
        copyValue(json, generator);
        return generator;
    }

    /** Copies the value that the parser stands at; unlike Jackson's own copy it keeps the digits of every number. */
    private static void copyValue(JsonParser json, JsonGenerator generator) throws IOException {
        int depth = 0;
        while (true) {
            JsonToken token = json.currentToken();
            if (token == null) {
                throw new IOException("the value is not complete");
            }
            if (token.isNumeric()) {
                generator.writeNumber(json.getText());
            } else {
                generator.copyCurrentEvent(json);
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (depth == 0) {
                return;
            }
            json.nextToken();
        }
    }

    /** Sets the column; false if the value is not of its type. */
    private boolean readValue(JsonParser json, JsonToken value, int column, RecordFields fields) throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return true;
        }
        Column.Kind kind = table.columns().get(column).kind();
        return switch (kind) {
            case TEXT -> readText(json, value, column, fields);
            case INTEGER, BIGINT -> readNumber(json, value, column, kind, fields);
            case TIMESTAMP -> value == JsonToken.VALUE_STRING && readTime(json, column, fields);
            case JSONB, BYTES -> throw new IllegalStateException("no key fills column " + column + " of " + table);
        };
    }

    private boolean readText(JsonParser json, JsonToken value, int column, RecordFields fields) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            fields.setText(column, json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
            return true;
        }
        if (value.isScalarValue()) {
            fields.setText(column, json.getText());
            return true;
        }
        return false;
    }

    private static boolean readNumber(
            JsonParser json, JsonToken value, int column, Column.Kind kind, RecordFields fields) throws IOException {
        if (value != JsonToken.VALUE_NUMBER_INT) {
            return false;
        }
        boolean isInt = json.getNumberType() == JsonParser.NumberType.INT;
        if (kind == Column.Kind.INTEGER && isInt) {
            fields.setInteger(column, json.getIntValue());
            return true;
        }
        if (kind == Column.Kind.BIGINT && (isInt || json.getNumberType() == JsonParser.NumberType.LONG)) {
            fields.setBigint(column, json.getLongValue());
            return true;
        }
        return false;
    }

    private boolean readTime(JsonParser json, int column, RecordFields fields) throws IOException {
        long micros = time.parse(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
        if (micros == LogTime.INVALID) {
            return false;
        }
        fields.setTime(column, micros);
        return true;
    }

    private static boolean blank(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] != ' ' && bytes[at] != '\t' && bytes[at] != '\r') {
                return false;
            }
        }
        return true;
    }
}
