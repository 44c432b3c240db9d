package org.pgpod.haagent.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one generated Role or ClusterRole grants, rule by rule, as Kubernetes' authorizer reads it.
 */
public final class GrantedRole {
    private final List<Rule> rules = new ArrayList<>();

    private record Rule(String verb, String group, String resource, Optional<String> name) {}

    private GrantedRole() {}

    /** The Role of the agents of {@code cluster}, whose pods are called after it. */
    public static GrantedRole of(String file, String kind, String cluster) {
        GrantedRole role = new GrantedRole();
        for (JsonNode object : Manifests.objects(file)) {
            if (object.path("kind").asText().equals(kind)) {
                object.path("rules").forEach(rule -> role.add(rule, cluster));
            }
        }
        if (role.rules.isEmpty()) {
            throw new IllegalStateException("no " + kind + " in " + file);
        }
        return role;
    }

    private void add(JsonNode rule, String cluster) {
        List<Optional<String>> names = new ArrayList<>();
        rule.path("resourceNames").forEach(name -> names.add(Optional.of(Manifests.renamed(name.asText(), cluster))));
        if (names.isEmpty()) {
            names.add(Optional.empty());
        }
        for (JsonNode group : rule.path("apiGroups")) {
            for (JsonNode resource : rule.path("resources")) {
                for (JsonNode verb : rule.path("verbs")) {
                    names.forEach(name -> rules.add(new Rule(verb.asText(), group.asText(), resource.asText(), name)));
                }
            }
        }
    }

    /** Requests that no rule allows. */
    public Set<ApiRequest> refused(List<ApiRequest> requests) {
        Set<ApiRequest> refused = new LinkedHashSet<>(requests);
        refused.removeIf(request -> rules.stream().anyMatch(rule -> allows(rule, request)));
        return refused;
    }

    /** Grants, one for each verb, resource and name, that none of {@code requests} needed. */
    public List<String> unused(List<ApiRequest> requests) {
        return rules.stream()
                .filter(rule -> requests.stream().noneMatch(request -> allows(rule, request)))
                .map(Rule::toString)
                .toList();
    }

    private static boolean allows(Rule rule, ApiRequest request) {
        return rule.verb().equals(request.verb())
                && rule.group().equals(request.group())
                && rule.resource().equals(request.resource())
                && (rule.name().isEmpty() || rule.name().equals(request.name()));
    }
}
