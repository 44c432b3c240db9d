package org.pgpod.haagent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.pgpod.haagent.conf.ConfigurationText;
import org.pgpod.haagent.loop.ConfigurationEditor.Edit;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.Reading;

/** {@code /config}: the cluster's dynamic configuration as JSON. */
final class ConfigDocument {
    private final Situation.Source source;

    ConfigDocument(Situation.Source source) {
        this.source = source;
    }

    Reply get() {
        return switch (source.loop().editor().read()) {
            case Reading.Failure<ConfigMapView>(String reason) ->
                Reply.of(Reply.BAD_GATEWAY, "the ConfigMap cannot be read: " + reason);
            case Reading.Value<ConfigMapView>(ConfigMapView view) -> document(view);
        };
    }

    private Reply document(ConfigMapView view) {
        try {
            ObjectNode document =
                    ConfigurationText.document(view.entry(ConfigMapView.CONFIG).orElse(""));
            source.now().record().filter(record -> record.pause()).ifPresent(record -> document.put("pause", true));
            return Reply.of(document);
        } catch (JsonProcessingException malformed) {
            return Reply.of(
                    Reply.BAD_GATEWAY, "the stored configuration is not readable: " + malformed.getOriginalMessage());
        }
    }

    /** Merges the body into the configuration; null removes a key. */
    Reply patch(ControlRequests.Asked asked) {
        return reply(source.loop().editor().configure(present -> merge(present, asked.body())));
    }

    private static ObjectNode merge(ObjectNode into, ObjectNode patch) {
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            JsonNode value = change.getValue();
            if (value.isNull()) {
                into.remove(change.getKey());
            } else if (value instanceof ObjectNode inner) {
                ObjectNode present =
                        into.get(change.getKey()) instanceof ObjectNode object ? object : into.objectNode();
                into.set(change.getKey(), merge(present, inner));
            } else {
                into.set(change.getKey(), value);
            }
        }
        return into;
    }

    Reply put(ControlRequests.Asked asked) {
        return reply(source.loop().editor().replace(asked.body()));
    }

    private Reply reply(Edit edit) {
        return switch (edit) {
            case Edit.Stored(ConfigMapView view) -> {
                source.loop().reload();
                yield document(view);
            }
            case Edit.Refused(var problems) -> Reply.of(Reply.BAD_REQUEST, String.join("\n", problems));
            case Edit.Outdated ignored -> Reply.of(Reply.CONFLICT, "others are changing the configuration; ask again");
            case Edit.Failed(String reason) -> Reply.of(Reply.UNAVAILABLE, reason);
        };
    }
}
