package org.pgpod.haagent.act;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;

/** Sets the label {@code pgpod.org/role}, by which Services choose their pods, wherever it is not yet as wanted. */
final class PodLabels {
    private static final String ROLE_LABEL = "pgpod.org/role";
    private static final int NOT_FOUND = 404;

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesApi api;
    private final ClusterNames names;

    PodLabels(KubernetesApi api, ClusterNames names) {
        this.api = api;
        this.names = names;
    }

    /**
     * One read of each pod, by its name and never of a list, which no permission could limit to this cluster; then one
     * patch for each pod that differs. {@code timeout} is the limit of each request.
     */
    Effect label(Map<String, PodPort.RoleLabel> roles, Duration timeout) {
        Map<String, String> present = new HashMap<>();
        for (String pod : roles.keySet()) {
            switch (readLabel(pod, timeout)) {
                case Reading.Failure<Optional<String>>(String reason) -> {
                    return new Effect.Failed("labels cannot be read: " + pod + ": " + reason);
                }
                case Reading.Value<Optional<String>>(Optional<String> label) ->
                    label.ifPresent(text -> present.put(pod, text));
            }
        }
        return change(roles, present, timeout);
    }

    private Effect change(Map<String, PodPort.RoleLabel> roles, Map<String, String> present, Duration timeout) {
        List<String> failures = new ArrayList<>();
        boolean changed = false;
        // A writer must never find two primaries: the label is taken away before it is given.
        for (PodPort.RoleLabel role :
                List.of(PodPort.RoleLabel.REPLICA, PodPort.RoleLabel.STANDBY_LEADER, PodPort.RoleLabel.PRIMARY)) {
            for (Map.Entry<String, PodPort.RoleLabel> wanted : roles.entrySet()) {
                String text = role.name().toLowerCase(Locale.ROOT);
                if (wanted.getValue() == role
                        && present.containsKey(wanted.getKey())
                        && !text.equals(present.get(wanted.getKey()))) {
                    ApiAnswer answer = api.mergePatch(names.pod(wanted.getKey()), patch(text), timeout);
                    changed = true;
                    if (!isDone(answer)) {
                        failures.add(wanted.getKey() + ": " + answer.summary());
                    }
                }
            }
        }
        if (!failures.isEmpty()) {
            return new Effect.Failed("labels were not set: " + String.join("; ", failures));
        }
        return changed ? new Effect.Changed() : new Effect.Unchanged();
    }

    private static boolean isDone(ApiAnswer answer) {
        return answer instanceof ApiAnswer.Answered answered
                && (answered.succeeded() || answered.status() == NOT_FOUND);
    }

    private static String patch(String role) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").putObject("labels").put(ROLE_LABEL, role);
        return patch.toString();
    }

    /** Whether there is a pod of this name. */
    Reading<Boolean> exists(String pod, Duration timeout) {
        return switch (readLabel(pod, timeout)) {
            case Reading.Failure<Optional<String>>(String reason) -> Reading.failed(reason);
            case Reading.Value<Optional<String>>(Optional<String> label) -> Reading.of(label.isPresent());
        };
    }

    /** The role label of a pod, "" if it has none; empty if there is no such pod. */
    private Reading<Optional<String>> readLabel(String pod, Duration timeout) {
        ApiAnswer answer = api.get(names.pod(pod), timeout);
        if (answer instanceof ApiAnswer.Answered(int status, String ignored) && status == NOT_FOUND) {
            return Reading.of(Optional.empty());
        }
        if (!(answer instanceof ApiAnswer.Answered answered) || !answered.succeeded()) {
            return Reading.failed(answer.summary());
        }
        try {
            return Reading.of(Optional.of(json.readTree(answered.body())
                    .path("metadata")
                    .path("labels")
                    .path(ROLE_LABEL)
                    .asText()));
        } catch (JsonProcessingException malformed) {
            return Reading.failed("the pod is not readable: " + malformed.getOriginalMessage());
        }
    }
}
