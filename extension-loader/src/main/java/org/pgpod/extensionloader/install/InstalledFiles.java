package org.pgpod.extensionloader.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.extensionloader.model.DebianVersion;
import org.pgpod.extensionloader.model.InstalledExtension;
import org.pgpod.extensionloader.model.InstalledPackage;
import org.pgpod.extensionloader.model.InstalledSet;
import org.pgpod.extensionloader.model.PackageRelation;
import org.pgpod.extensionloader.model.Sha256;

/**
 * Two files about what is loaded: the loader's own memory beside the store, and the report in the run directory that
 * ha-agent and exporter read. Both are replaced whole.
 */
public final class InstalledFiles {
    private static final int FORMAT = 1;
    private static final long STATE_BYTES_MAX = 16 << 20;

    private final ObjectMapper json = new ObjectMapper();
    private final Path state;
    private final Path report;

    public InstalledFiles(Path extensionDirectory, Path report) {
        this.state = extensionDirectory.resolve("state.json");
        this.report = report;
    }

    /** What was loaded when {@link #remember} was last called; empty set if never. */
    public InstalledSet recall() throws IOException {
        if (!Files.isRegularFile(state)) {
            return InstalledSet.EMPTY;
        }
        if (Files.size(state) > STATE_BYTES_MAX) {
            throw new IOException(state + " is larger than " + STATE_BYTES_MAX + " bytes");
        }
        try {
            List<InstalledExtension> extensions = new ArrayList<>();
            for (JsonNode node : json.readTree(state.toFile()).path("extensions")) {
                extensions.add(new InstalledExtension(
                        node.path("name").asText(),
                        node.path("package").asText(),
                        node.path("version").asText(),
                        packages(node.path("packages"))));
            }
            return new InstalledSet(extensions);
        } catch (IllegalArgumentException e) {
            throw new IOException(state + " is unreadable: " + e.getMessage(), e);
        }
    }

    private static List<InstalledPackage> packages(JsonNode nodes) {
        List<InstalledPackage> packages = new ArrayList<>();
        for (JsonNode node : nodes) {
            List<PackageRelation> provides = new ArrayList<>();
            node.path("provides").forEach(text -> provides.add(PackageRelation.parse(text.asText())));
            packages.add(new InstalledPackage(
                    node.path("name").asText(),
                    DebianVersion.parse(node.path("version").asText()),
                    new Sha256(node.path("sha256").asText()),
                    provides));
        }
        return packages;
    }

    /** Writes the loader's own memory, synced. */
    public void remember(InstalledSet installed) throws IOException {
        ObjectNode root = json.createObjectNode().put("v", FORMAT);
        ArrayNode extensions = root.putArray("extensions");
        for (InstalledExtension extension : installed.extensions()) {
            ObjectNode node = describe(extensions.addObject(), extension);
            node.put("package", extension.packageName());
            for (int i = 0; i < extension.packages().size(); i++) {
                ArrayNode provides = ((ObjectNode) node.path("packages").get(i)).putArray("provides");
                extension.packages().get(i).provides().forEach(name -> provides.add(name.toString()));
            }
        }
        AtomicFile.replace(state, json.writeValueAsString(root) + "\n", AtomicFile.Durability.SYNCED);
    }

    /** Writes the report, unless it already says exactly this. */
    public void report(InstalledSet installed) throws IOException {
        ObjectNode root = json.createObjectNode()
                .put("v", FORMAT)
                .put("digest", installed.digest().toString());
        ArrayNode extensions = root.putArray("extensions");
        installed.extensions().forEach(extension -> describe(extensions.addObject(), extension));
        String text = json.writeValueAsString(root) + "\n";
        if (!current().equals(Optional.of(text))) {
            Path directory = Objects.requireNonNull(report.getParent(), "the report lies in a directory");
            Files.createDirectories(directory);
            AtomicFile.replace(report, text);
        }
    }

    private Optional<String> current() throws IOException {
        return Files.isRegularFile(report) ? Optional.of(Files.readString(report)) : Optional.empty();
    }

    private static ObjectNode describe(ObjectNode node, InstalledExtension extension) {
        node.put("name", extension.name()).put("version", extension.defaultVersion());
        ArrayNode packages = node.putArray("packages");
        for (InstalledPackage part : extension.packages()) {
            packages.addObject()
                    .put("name", part.name())
                    .put("version", part.version().toString())
                    .put("sha256", part.sha256().hex());
        }
        return node;
    }
}
