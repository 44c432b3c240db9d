package org.pgpod.haagent.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The generated objects in {@code image/manifests}: those of the cluster {@code pg} with the pods {@code pg-0} and so on. */
final class Manifests {
    /** Prefix of every name in them. */
    static final String CLUSTER = "pg";

    private static final Path DIRECTORY = Path.of(System.getProperty("pgpod.root"), "image", "manifests");

    private Manifests() {}

    static List<JsonNode> objects(String file) {
        try (var documents = new YAMLMapper()
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(Files.readString(DIRECTORY.resolve(file)))) {
            return documents.readAll();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The same name in another cluster, whose pods are called after it. */
    static String renamed(String name, String cluster) {
        return name.replaceAll("\\b" + CLUSTER + "\\b", cluster);
    }
}
