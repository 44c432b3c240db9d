package org.pgpod.logshipper.loop;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Map;

/** Reads the JSON form of protobuf messages, strictly: a name or a type that the definition lacks is an error. */
final class ProtobufJson {
    private ProtobufJson() {}

    static void merge(JsonNode json, Message.Builder message) {
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            FieldDescriptor field = message.getDescriptorForType().getFields().stream()
                    .filter(candidate -> candidate.getJsonName().equals(entry.getKey()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(
                            message.getDescriptorForType().getFullName() + " has no " + entry.getKey()));
            if (field.isRepeated()) {
                entry.getValue().forEach(value -> message.addRepeatedField(field, value(message, field, value)));
            } else {
                message.setField(field, value(message, field, entry.getValue()));
            }
        }
    }

    private static Object value(Message.Builder message, FieldDescriptor field, JsonNode json) {
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                Message.Builder inner = message.newBuilderForField(field);
                merge(json, inner);
                yield inner.build();
            }
            case STRING -> required(json, json.isTextual()).asText();
            // 64-bit integers are texts in this form.
            case LONG -> Long.parseLong(required(json, json.isTextual()).asText());
            case INT -> required(json, json.isInt()).asInt();
            case ENUM ->
                field.getEnumType()
                        .findValueByNumber(required(json, json.isInt()).asInt());
            default -> throw new AssertionError(field.getFullName() + " is not expected");
        };
    }

    private static JsonNode required(JsonNode json, boolean condition) {
        if (!condition) {
            throw new AssertionError(json + " is of another type");
        }
        return json;
    }
}
