package org.pgpod.haagent.act;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.Reading;

/** The ConfigMap {@code <cluster>-config}; writes touch the agent's own keys only, and only if nobody wrote it meanwhile. */
public final class ConfigMapStore implements ConfigMapPort {
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final List<String> KEYS = List.of(
            ConfigMapView.CONFIG,
            ConfigMapView.ACCEPTED,
            ConfigMapView.SWITCHOVER,
            ConfigMapView.HISTORY,
            ConfigMapView.RESTARTS);

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesApi api;
    private final ClusterNames names;

    public ConfigMapStore(KubernetesApi api, ClusterNames names) {
        this.api = api;
        this.names = names;
    }

    @Override
    public Reading<ConfigMapView> read(Duration timeout) {
        ApiAnswer answer = api.get(names.configMap(), timeout);
        if (answer instanceof ApiAnswer.Answered(int status, String ignored) && status == NOT_FOUND) {
            return Reading.of(ConfigMapView.ABSENT);
        }
        if (!(answer instanceof ApiAnswer.Answered answered) || !answered.succeeded()) {
            return Reading.failed(answer.summary());
        }
        try {
            return Reading.of(view(answered.body()));
        } catch (JsonProcessingException malformed) {
            return Reading.failed("the ConfigMap is not readable: " + malformed.getOriginalMessage());
        }
    }

    private ConfigMapView view(String body) throws JsonProcessingException {
        JsonNode object = json.readTree(body);
        SortedMap<String, String> entries = new TreeMap<>();
        object.path("data").properties().forEach(entry -> {
            if (entry.getValue().isTextual()) {
                entries.put(entry.getKey(), entry.getValue().textValue());
            }
        });
        return new ConfigMapView(object.path("metadata").path("resourceVersion").asText(), entries);
    }

    @Override
    public Write write(ConfigMapView wanted, Duration timeout) {
        boolean creating = wanted.resourceVersion().isEmpty();
        ApiAnswer answer = creating
                ? api.post(names.configMaps(), created(wanted), timeout)
                : api.mergePatch(names.configMap(), patch(wanted), timeout);
        if (answer instanceof ApiAnswer.Answered(int status, String ignored)
                && (status == CONFLICT || (!creating && status == NOT_FOUND))) {
            return new Write.Outdated();
        }
        if (!(answer instanceof ApiAnswer.Answered answered) || !answered.succeeded()) {
            return new Write.Failed(answer.summary());
        }
        try {
            return new Write.Stored(view(answered.body()));
        } catch (JsonProcessingException malformed) {
            return new Write.Failed("the API's answer is not readable: " + malformed.getOriginalMessage());
        }
    }

    private String created(ConfigMapView wanted) {
        ObjectNode object =
                JsonNodeFactory.instance.objectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
        object.putObject("metadata")
                .put("name", names.configMapName())
                .put("namespace", names.namespace())
                .putObject("labels")
                .put(ClusterNames.CLUSTER_LABEL, names.cluster());
        ObjectNode data = object.putObject("data");
        wanted.entries().forEach(data::put);
        return object.toString();
    }

    private static String patch(ConfigMapView wanted) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("resourceVersion", wanted.resourceVersion());
        ObjectNode data = patch.putObject("data");
        for (String key : KEYS) {
            // In a merge patch null removes.
            data.put(key, wanted.entries().get(key));
        }
        return patch.toString();
    }
}
