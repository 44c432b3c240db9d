package org.pgpod.image.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text of Kubernetes objects, as YAML documents or as one JSON value, cut at the document marks. Documents that
 * nobody changes keep their text byte for byte; a changed document loses its comments.
 */
final class ManifestText {
    /** The text is not what it should be; the message is a sentence with the place. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /**
     * One document.
     *
     * @param text as it was read, with its leading mark
     * @param tree what it says; empty for comments and blank space
     * @param hasAliases whether it uses YAML aliases, which the tree does not show
     */
    record Document(String text, Optional<ObjectNode> tree, boolean hasAliases) {}

    private static final String MARK = "---";

    /** A string that no YAML reader, of version 1.1 or 1.2, takes for anything but a string. */
    private static final Pattern PLAIN =
            Pattern.compile("-{0,2}[A-Za-z/][A-Za-z0-9/._$()@-]*(?::[A-Za-z0-9/._@-]+)*|[0-9]+(?:[KMGT]i|m)");

    /** Stricter than Jackson's: Kubernetes reads {@code 1e3} and {@code 0x1F} as numbers, whoever wrote them unquoted. */
    private static final StringQuotingChecker QUOTING = new StringQuotingChecker() {
        private static final long serialVersionUID = 1;

        @Override
        public boolean needToQuoteName(String name) {
            return needToQuoteValue(name);
        }

        @Override
        public boolean needToQuoteValue(String value) {
            return isReservedKeyword(value) || !PLAIN.matcher(value).matches();
        }
    };

    private static final YAMLFactory YAML_FACTORY = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .stringQuotingChecker(QUOTING)
            .build();

    private static final ObjectMapper YAML =
            new ObjectMapper(YAML_FACTORY).enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final boolean json;
    private final List<Document> documents;

    private ManifestText(boolean json, List<Document> documents) {
        this.json = json;
        this.documents = List.copyOf(documents);
    }

    List<Document> documents() {
        return documents;
    }

    /** Cuts and reads a text; {@code source} is how messages name it. */
    static ManifestText parse(String source, String text) throws MalformedException {
        if (text.stripLeading().startsWith("{")) {
            return new ManifestText(true, List.of(new Document(text, Optional.of(readJson(source, text)), false)));
        }
        var documents = new ArrayList<Document>();
        int line = 1;
        for (String part : cut(text)) {
            documents.add(readYaml(source, line, part));
            line += (int) part.chars().filter(character -> character == '\n').count();
        }
        return new ManifestText(false, documents);
    }

    /** Reads a document of our own, which is right. */
    static ObjectNode parseOwn(String text) {
        try {
            return (ObjectNode) YAML.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a built-in manifest is not YAML", e);
        }
    }

    /** The whole text again, with {@code changed} trees in place of the documents at the same positions, and more at the end. */
    String print(List<Optional<ObjectNode>> changed, List<ObjectNode> more) {
        var text = new StringBuilder();
        for (int index = 0; index < documents.size(); index++) {
            Document document = documents.get(index);
            if (changed.get(index).isEmpty()) {
                text.append(document.text());
            } else {
                if (document.text().startsWith(MARK)) {
                    text.append(MARK).append('\n');
                }
                text.append(printed(changed.get(index).get()));
            }
        }
        for (ObjectNode object : more) {
            if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
                text.append('\n');
            }
            text.append(MARK).append('\n').append(printed(object));
        }
        return text.toString();
    }

    boolean isJson() {
        return json;
    }

    static String yaml(ObjectNode object) {
        return write(YAML, object);
    }

    private String printed(ObjectNode object) {
        return json ? writeJson(object) + "\n" : yaml(object);
    }

    private static String writeJson(ObjectNode object) {
        var indenter = new DefaultIndenter("  ", "\n");
        try {
            return JSON.writer(new DefaultPrettyPrinter()
                            .withObjectIndenter(indenter)
                            .withArrayIndenter(indenter))
                    .writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree could not be written", e);
        }
    }

    private static String write(ObjectMapper mapper, ObjectNode object) {
        try {
            return mapper.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree could not be written", e);
        }
    }

    /** A line that starts with the mark starts a document, even inside a block scalar: the YAML specification says so. */
    private static List<String> cut(String text) {
        var parts = new ArrayList<String>();
        int start = 0;
        int lineStart = 0;
        while (lineStart < text.length()) {
            if (lineStart > start && isMark(text, lineStart)) {
                parts.add(text.substring(start, lineStart));
                start = lineStart;
            }
            int newline = text.indexOf('\n', lineStart);
            lineStart = newline < 0 ? text.length() : newline + 1;
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static boolean isMark(String text, int at) {
        int after = at + MARK.length();
        return text.startsWith(MARK, at) && (after == text.length() || Character.isWhitespace(text.charAt(after)));
    }

    private static ObjectNode readJson(String source, String text) throws MalformedException {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw malformed(source, 1, e);
        }
    }

    private static Document readYaml(String source, int firstLine, String text) throws MalformedException {
        try {
            JsonNode tree = YAML.readTree(text);
            if (tree == null || tree.isMissingNode() || tree.isNull()) {
                return new Document(text, Optional.empty(), false);
            }
            if (tree instanceof ObjectNode object) {
                return new Document(text, Optional.of(object), hasAliases(text));
            }
            throw new MalformedException(source + " line " + firstLine + ": a Kubernetes object must be a mapping");
        } catch (JsonProcessingException e) {
            throw malformed(source, firstLine, e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static boolean hasAliases(String text) throws IOException {
        try (YAMLParser parser = YAML_FACTORY.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.isCurrentAlias()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static MalformedException malformed(String source, int firstLine, JsonProcessingException e) {
        int line = e.getLocation() == null
                ? firstLine
                : firstLine + e.getLocation().getLineNr() - 1;
        String reason = e.getOriginalMessage().lines().findFirst().orElse("not readable");
        return new MalformedException(source + " line " + line + ": " + reason);
    }
}
