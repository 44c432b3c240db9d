package org.pgpod.exporter.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.exporter.model.NamePatterns;
import org.pgpod.exporter.model.Scope;

/** Reads where a collector runs and whether it does: the keys enabled, databases, extension and profile. */
final class ScopeReader {
    private static final String DATABASES_ALLOWED = "one, every, or a list of patterns for names such as app_*";

    private final Fields fields;
    private final JsonNode root;

    ScopeReader(Fields fields, JsonNode root) {
        this.fields = fields;
        this.root = root;
    }

    Scope scope() {
        Scope.Standard standard = fields.flag(root, "enabled", true) ? Scope.Standard.ON : Scope.Standard.OFF;
        Optional<String> extension = fields.text(root, "extension");
        Optional<String> profile = fields.text(root, "profile");
        JsonNode databases = root.path("databases");
        if (databases.isArray()) {
            return new Scope(Scope.Reach.EVERY, patterns(databases), extension, standard, profile);
        }
        Scope.Reach reach = switch (databases.asText("")) {
            case "" -> extension.isPresent() ? Scope.Reach.ONE : Scope.Reach.SERVER;
            case "one" -> Scope.Reach.ONE;
            case "every" -> Scope.Reach.EVERY;
            default -> {
                fields.problem("databases is '" + databases.asText() + "'; it must be " + DATABASES_ALLOWED);
                yield Scope.Reach.SERVER;
            }
        };
        if (reach == Scope.Reach.ONE && extension.isEmpty()) {
            fields.problem("databases is 'one', which goes with an extension only");
        }
        NamePatterns patterns = reach == Scope.Reach.EVERY ? NamePatterns.ALL : NamePatterns.NONE;
        return new Scope(reach, patterns, extension, standard, profile);
    }

    private NamePatterns patterns(JsonNode list) {
        List<String> patterns = new ArrayList<>();
        for (JsonNode pattern : list) {
            if (!pattern.isTextual() || pattern.asText().isEmpty()) {
                fields.problem("databases has the entry '" + pattern.asText() + "'; it must be " + DATABASES_ALLOWED);
            }
            patterns.add(pattern.asText());
        }
        if (patterns.isEmpty()) {
            fields.problem("databases is an empty list; it must be " + DATABASES_ALLOWED);
        }
        return new NamePatterns(patterns);
    }
}
