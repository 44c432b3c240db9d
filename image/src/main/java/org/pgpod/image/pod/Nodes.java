package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Reading and growing the trees of Kubernetes objects, in which a field may be absent, null or empty and mean the same. */
final class Nodes {
    private Nodes() {}

    /** The object below {@code name}, made if it is absent or null. */
    static ObjectNode object(ObjectNode parent, String name) {
        return parent.get(name) instanceof ObjectNode present ? present : parent.putObject(name);
    }

    /** The array below {@code name}, made if it is absent or null. */
    static ArrayNode array(ObjectNode parent, String name) {
        return parent.get(name) instanceof ArrayNode present ? present : parent.putArray(name);
    }

    /** The elements of the array below {@code name} that are objects. */
    static List<ObjectNode> objects(JsonNode parent, String name) {
        return StreamSupport.stream(parent.path(name).spliterator(), false)
                .filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast)
                .toList();
    }

    /** The scalar below {@code name} as text, if there is one. */
    static Optional<String> text(JsonNode parent, String name) {
        JsonNode value = parent.path(name);
        return value.isValueNode() && !value.isNull() && !value.asText().isEmpty()
                ? Optional.of(value.asText())
                : Optional.empty();
    }

    static String name(JsonNode node) {
        return text(node, "name").orElse("");
    }

    static Optional<ObjectNode> named(JsonNode parent, String array, String name) {
        return objects(parent, array).stream()
                .filter(node -> name(node).equals(name))
                .findFirst();
    }

    /** Sets a field only if it is absent or null. */
    static void putIfAbsent(ObjectNode parent, String name, JsonNode value) {
        if (!parent.hasNonNull(name)) {
            parent.set(name, value);
        }
    }

    static boolean present(JsonNode parent, String name) {
        JsonNode value = parent.path(name);
        return !value.isMissingNode() && !value.isNull() && !(value.isContainerNode() && value.isEmpty());
    }
}
