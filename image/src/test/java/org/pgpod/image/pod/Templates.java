package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Templates written in the manner of well-known charts, and what injection makes of them. */
final class Templates {
    static final List<String> NAMES = List.of(
            "minimal.yaml",
            "official-tutorial.yaml",
            "bitnami-style.yaml",
            "spilo-style.yaml",
            "cloudnative-pg-style-pod.yaml",
            "timescaledb-style.json");

    static final Injector INJECTOR = new Injector(InjectionSettings.ofImage("registry.example.com/pgpod:1"));

    private Templates() {}

    static String text(String resource) {
        try (InputStream stream = Templates.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalArgumentException("no test resource " + resource);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ManifestText parse(String text) {
        try {
            return ManifestText.parse("test", text);
        } catch (ManifestText.MalformedException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The text of a template after injection. */
    static String injected(String text) {
        return switch (ManifestInjection.inject(parse(text), INJECTOR, ManifestInjection.Extent.PODS)) {
            case ManifestInjection.Result.Done done -> done.text();
            case ManifestInjection.Result.Failed failed ->
                throw new IllegalArgumentException(String.join("\n", failed.reasons()));
        };
    }

    static List<String> notes(String text) {
        return switch (ManifestInjection.inject(parse(text), INJECTOR, ManifestInjection.Extent.PODS)) {
            case ManifestInjection.Result.Done done -> done.notes();
            case ManifestInjection.Result.Failed failed -> failed.reasons();
        };
    }

    static List<String> reasons(String text) {
        return switch (ManifestInjection.inject(parse(text), INJECTOR, ManifestInjection.Extent.PODS)) {
            case ManifestInjection.Result.Done _ -> List.of();
            case ManifestInjection.Result.Failed failed -> failed.reasons();
        };
    }

    /** All objects of a text, also those inside lists. */
    static List<ObjectNode> objects(String text) {
        return parse(text).documents().stream()
                .map(ManifestText.Document::tree)
                .flatMap(Optional::stream)
                .flatMap(tree -> tree.has("items") ? Nodes.objects(tree, "items").stream() : Stream.of(tree))
                .toList();
    }

    /** The one StatefulSet or Pod of a text. */
    static Workload workload(String text) {
        List<Workload> workloads = objects(text).stream()
                .map(Workload::of)
                .flatMap(Optional::stream)
                .toList();
        if (workloads.size() != 1) {
            throw new IllegalArgumentException(workloads.size() + " workloads");
        }
        return workloads.getFirst();
    }
}
