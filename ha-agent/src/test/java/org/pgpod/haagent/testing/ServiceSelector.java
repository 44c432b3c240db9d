package org.pgpod.haagent.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;
import java.util.TreeSet;

/** The selector of one generated Service, as the endpoint controller reads it. */
final class ServiceSelector {
    private final JsonNode labels;
    private final String cluster;

    private ServiceSelector(JsonNode labels, String cluster) {
        this.labels = labels;
        this.cluster = cluster;
    }

    /** That of the Service {@code <cluster>-<suffix>}. */
    static ServiceSelector of(String suffix, String cluster) {
        return Manifests.objects("services.yaml").stream()
                .filter(service ->
                        service.path("metadata").path("name").asText().equals(Manifests.CLUSTER + "-" + suffix))
                .map(service -> new ServiceSelector(service.path("spec").path("selector"), cluster))
                .findFirst()
                .orElseThrow();
    }

    /** Names of the pods in a {@code PodList} that carry all the labels. */
    Set<String> podsOf(String podList) {
        try {
            Set<String> names = new TreeSet<>();
            for (JsonNode pod : new ObjectMapper().readTree(podList).path("items")) {
                JsonNode metadata = pod.path("metadata");
                if (labels.properties().stream()
                        .allMatch(label -> metadata.path("labels")
                                .path(label.getKey())
                                .asText()
                                .equals(Manifests.renamed(label.getValue().asText(), cluster)))) {
                    names.add(metadata.path("name").asText());
                }
            }
            return names;
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(malformed);
        }
    }
}
