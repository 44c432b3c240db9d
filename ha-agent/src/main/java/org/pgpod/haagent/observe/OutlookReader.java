package org.pgpod.haagent.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.function.Function;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.OwnPod;
import org.pgpod.haagent.model.port.OutlookPort;
import org.pgpod.haagent.model.port.Reading;

/** Reads this pod and its node, each by name. */
public final class OutlookReader implements OutlookPort {
    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesApi api;
    private final ClusterNames names;
    private final OwnPod self;

    public OutlookReader(KubernetesApi api, ClusterNames names, OwnPod self) {
        this.api = api;
        this.names = names;
        this.self = self;
    }

    /** A pod of the same name with another UID is another pod: it says nothing of this one. */
    @Override
    public Reading<Boolean> leaving(Duration timeout) {
        return read(names.pod(self.holder().pod()), timeout, pod -> {
            JsonNode metadata = pod.path("metadata");
            return metadata.path("uid").asText().equals(self.holder().uid())
                    && metadata.path("deletionTimestamp").isTextual();
        });
    }

    @Override
    public Reading<Boolean> cordoned(Duration timeout) {
        return self.node().isEmpty()
                ? Reading.failed("this pod does not know its node: set pod.node")
                : read(
                        ClusterNames.node(self.node()),
                        timeout,
                        node -> node.path("spec").path("unschedulable").asBoolean());
    }

    private Reading<Boolean> read(String path, Duration timeout, Function<JsonNode, Boolean> claim) {
        ApiAnswer answer = api.get(path, timeout);
        if (!(answer instanceof ApiAnswer.Answered answered) || !answered.succeeded()) {
            return Reading.failed(answer.summary());
        }
        try {
            return Reading.of(claim.apply(json.readTree(answered.body())));
        } catch (JsonProcessingException malformed) {
            return Reading.failed("the API's answer is not readable: " + malformed.getOriginalMessage());
        }
    }
}
