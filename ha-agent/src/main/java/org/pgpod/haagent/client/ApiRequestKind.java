package org.pgpod.haagent.client;

/**
 * What a request is about, as the API's authorizer and its metrics call it.
 *
 * @param verb {@code get}, {@code list}, {@code create}, {@code update}, {@code patch} or {@code delete}
 * @param resource in the plural, such as {@code leases}
 */
record ApiRequestKind(String verb, String resource) {
    private static final String NAMESPACES = "namespaces";

    /** From a method and a path relative to the server, such as {@code api/v1/namespaces/prod/pods/demo-0}. */
    static ApiRequestKind of(String method, String path) {
        String[] parts = path.split("\\?", -1)[0].split("/", -1);
        // api/v1 or apis/<group>/v1, and then the namespace if there is one.
        int resource = parts[0].equals("api") ? 2 : 3;
        if (parts.length > resource + 2 && parts[resource].equals(NAMESPACES)) {
            resource += 2;
        }
        if (parts.length <= resource) {
            return new ApiRequestKind(verb(method, true), "other");
        }
        return new ApiRequestKind(verb(method, parts.length > resource + 1), parts[resource]);
    }

    private static String verb(String method, boolean named) {
        return switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> named ? "get" : "list";
        };
    }
}
