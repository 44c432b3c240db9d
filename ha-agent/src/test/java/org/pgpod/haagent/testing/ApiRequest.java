package org.pgpod.haagent.testing;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request to a Kubernetes API as its authorizer sees it.
 *
 * @param group API group, "" for the core
 * @param name of the object; empty for a collection
 */
public record ApiRequest(String verb, String group, String resource, Optional<String> name) {
    private static final Pattern PATH =
            Pattern.compile("/(?:api|apis/([^/]+))/v1/(?:namespaces/[^/]+/)?([a-z]+)(?:/([^/?]+))?(\\?.*)?");

    private static final Map<String, String> VERBS =
            Map.of("POST", "create", "PUT", "update", "PATCH", "patch", "DELETE", "delete");

    static ApiRequest of(String method, String path) {
        Matcher parts = PATH.matcher(path);
        if (!parts.matches()) {
            throw new IllegalArgumentException("no resource of version v1: " + path);
        }
        Optional<String> name = Optional.ofNullable(parts.group(3));
        String query = Optional.ofNullable(parts.group(4)).orElse("");
        String read = query.contains("watch=") ? "watch" : name.isPresent() ? "get" : "list";
        return new ApiRequest(
                VERBS.getOrDefault(method, read),
                Optional.ofNullable(parts.group(1)).orElse(""),
                parts.group(2),
                name);
    }
}
