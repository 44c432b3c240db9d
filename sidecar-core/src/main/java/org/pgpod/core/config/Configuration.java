package org.pgpod.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The configuration of one process: a YAML file of sections, overridden by {@code PGPOD_<SECTION>_<KEY>} variables.
 *
 * <p>All problems are found in one reading and reported together. Unknown sections, keys and {@code PGPOD_} variables are
 * refused, so that a misspelt option never silently keeps its default. Sections that this process does not use may leave
 * options unset, but what they set must be right.
 */
public final class Configuration {
    /** A larger file is refused. */
    public static final int FILE_BYTES_MAX = 1_048_576;

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, Values> sections;

    private Configuration(Map<String, Values> sections) {
        this.sections = Map.copyOf(sections);
    }

    /** The values of a section that was asked for when the configuration was read. */
    public Values section(SectionSchema schema) {
        Values values = sections.get(schema.name());
        if (values == null) {
            throw new IllegalStateException("section " + schema.name() + " was not read");
        }
        return values;
    }

    /**
     * Reads the file and its overrides.
     *
     * @param known every section that may stand in the file
     * @param used the names of the sections whose values are needed
     */
    public static Configuration read(
            Optional<Path> file, Map<String, String> environment, List<SectionSchema> known, Set<String> used)
            throws ConfigurationException {
        Reading reading = new Reading(file.map(Path::toString).orElse("(no file)"));
        JsonNode root = file.isPresent() ? reading.load(file.get()) : MissingNode.getInstance();
        reading.refuseUnknownSections(root, known);
        Set<String> variables = new TreeSet<>();
        Map<String, Values> sections = new HashMap<>();
        for (SectionSchema schema : known) {
            reading.section(root.path(schema.name()), schema, environment, used.contains(schema.name()))
                    .ifPresent(values -> sections.put(schema.name(), values));
            schema.options().forEach(option -> variables.add(schema.environmentName(option.key())));
        }
        reading.refuseUnknownVariables(environment, known, variables);
        if (!reading.problems.isEmpty()) {
            throw new ConfigurationException(reading.problems);
        }
        return new Configuration(sections);
    }

    /** One reading, which gathers problems instead of stopping at the first. */
    private static final class Reading {
        private final String file;
        private final List<String> problems = new ArrayList<>();

        Reading(String file) {
            this.file = file;
        }

        JsonNode load(Path path) {
            try {
                if (Files.size(path) > FILE_BYTES_MAX) {
                    problems.add(file + ": the file is larger than " + FILE_BYTES_MAX + " bytes");
                    return MissingNode.getInstance();
                }
                JsonNode root = YAML.readTree(Files.readAllBytes(path));
                if (!root.isObject() && !root.isMissingNode() && !root.isNull()) {
                    problems.add(file + ": the file must be a map of sections");
                }
                return root;
            } catch (JsonProcessingException malformed) {
                String where = malformed.getLocation() == null
                        ? ""
                        : ":" + malformed.getLocation().getLineNr();
                problems.add(file + where + ": not readable as YAML: " + malformed.getOriginalMessage());
            } catch (IOException unreadable) {
                problems.add(file + ": cannot be read: " + unreadable.getMessage());
            }
            return MissingNode.getInstance();
        }

        void refuseUnknownSections(JsonNode root, List<SectionSchema> known) {
            List<String> names = known.stream().map(SectionSchema::name).toList();
            names(root)
                    .filter(name -> !names.contains(name))
                    .forEach(name -> problems.add(
                            file + ": section '" + name + "' is unknown; sections are " + String.join(", ", names)));
        }

        void refuseUnknownVariables(Map<String, String> environment, List<SectionSchema> known, Set<String> variables) {
            for (String name : new TreeSet<>(environment.keySet())) {
                boolean ours = known.stream().anyMatch(schema -> name.startsWith(schema.environmentName("")));
                if (ours && !variables.contains(name)) {
                    problems.add("environment variable " + name + " is unknown; options of that section are "
                            + String.join(
                                    ", ",
                                    variables.stream()
                                            .filter(v -> v.startsWith(name.substring(0, name.indexOf('_', 6) + 1)))
                                            .toList()));
                }
            }
        }

        Optional<Values> section(JsonNode node, SectionSchema schema, Map<String, String> environment, boolean needed) {
            int problemsBefore = problems.size();
            if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
                problems.add(file + ": " + schema.name() + " must be a map of options");
                return Optional.empty();
            }
            names(node).filter(key -> schema.option(key).isEmpty()).forEach(key -> problems.add(unknown(schema, key)));
            Map<Option<?>, Object> values = new HashMap<>();
            for (Option<?> option : schema.options()) {
                read(node.path(option.key()), schema, option, environment, needed)
                        .ifPresent(value -> values.put(option, value));
            }
            return needed && problems.size() == problemsBefore
                    ? Optional.of(new Values(schema, values))
                    : Optional.empty();
        }

        private String unknown(SectionSchema schema, String key) {
            List<String> keys = schema.options().stream().map(Option::key).toList();
            return file + ": " + schema.name() + "." + key + " is unknown; options of " + schema.name() + " are "
                    + String.join(", ", keys);
        }

        private Optional<Object> read(
                JsonNode node,
                SectionSchema schema,
                Option<?> option,
                Map<String, String> environment,
                boolean needed) {
            String name = schema.name() + "." + option.key();
            String variable = schema.environmentName(option.key());
            String override = environment.get(variable);
            if (override != null) {
                return parse("environment variable " + variable, option, override);
            }
            if (node.isObject() || (node.isArray() && !allScalars(node))) {
                problems.add(file + ": " + name + " must be " + option.allowed());
                return Optional.empty();
            }
            if (!node.isMissingNode() && !node.isNull()) {
                return parse(file + ": " + name, option, scalarText(node));
            }
            if (option.defaultText().isPresent()) {
                return parse("default of " + name, option, option.defaultText().get());
            }
            if (needed) {
                problems.add(file + ": " + name + " must be set (or " + variable + "): " + option.allowed());
            }
            return Optional.empty();
        }

        private static Stream<String> names(JsonNode node) {
            return node.propertyStream().map(Map.Entry::getKey);
        }

        private static boolean allScalars(JsonNode array) {
            return array.valueStream().allMatch(JsonNode::isValueNode);
        }

        /** Lists are read item by item, one a line, which no item can contain. */
        private static String scalarText(JsonNode node) {
            return node.isArray()
                    ? String.join("\n", node.valueStream().map(JsonNode::asText).toList())
                    : node.asText();
        }

        private Optional<Object> parse(String where, Option<?> option, String text) {
            try {
                return Optional.of(option.parser().parse(text));
            } catch (IllegalArgumentException | ArithmeticException notAllowed) {
                problems.add(where + " is '" + text + "'; it must be " + option.allowed());
                return Optional.empty();
            }
        }
    }
}
