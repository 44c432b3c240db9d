package org.pgpod.exporter.web;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.core.config.ConfigurationException;

/**
 * Reads a web configuration file. Every problem is found in one reading and names its key; a key that exporter-toolkit knows
 * and this exporter does not is a problem too, for a file must not promise what is not done.
 */
final class WebConfigurationReader {
    static final int FILE_BYTES_MAX = 262_144;
    static final int USERS_MAX = 1_000;

    /** A higher cost makes one login last for seconds. */
    static final int HASH_COST_MAX = 16;

    private static final int HASH_COST_MIN = 4;
    private static final Set<String> KEYS = Set.of("tls_server_config", "http_server_config", "basic_auth_users");
    private static final Set<String> SERVER_KEYS = Set.of("http2", "headers");
    private static final Pattern HASH = Pattern.compile("\\$2[aby]?\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");

    /** The headers that exporter-toolkit allows, with what it allows in them. */
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", ".+",
            "X-Frame-Options", "deny|sameorigin",
            "X-Content-Type-Options", "nosniff",
            "X-XSS-Protection", ".+",
            "Strict-Transport-Security", ".+");

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final List<String> problems = new ArrayList<>();

    private WebConfigurationReader(Path file) {
        this.file = file;
    }

    static WebConfiguration read(Path file) throws ConfigurationException {
        return new WebConfigurationReader(file).read();
    }

    private WebConfiguration read() throws ConfigurationException {
        JsonNode root = root();
        WebConfiguration configuration = WebConfiguration.OPEN;
        if (!root.isMissingNode() && !root.isNull() && problems.isEmpty()) {
            WebKeys keys = new WebKeys(file.toString(), problems);
            keys.refuseUnknown(root, KEYS);
            JsonNode tls = root.path("tls_server_config");
            configuration = new WebConfiguration(
                    tls.isMissingNode()
                            ? Optional.empty()
                            : new TlsKeys(keys.within("tls_server_config"), tls, file).settings(),
                    users(keys.within("basic_auth_users"), root.path("basic_auth_users")),
                    headers(keys.within("http_server_config"), root.path("http_server_config")));
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return configuration;
    }

    private JsonNode root() {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                problems.add(file + ": is larger than " + FILE_BYTES_MAX + " bytes");
                return YAML.missingNode();
            }
            return YAML.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException malformed) {
            // The message of the parser may quote the line, which may hold a hash.
            String line = malformed.getLocation() == null
                    ? ""
                    : " in line " + malformed.getLocation().getLineNr();
            problems.add(file + ": not readable as YAML" + line);
        } catch (IOException unreadable) {
            problems.add(file + ": cannot be read: " + unreadable.getMessage());
        }
        return YAML.missingNode();
    }

    private static Map<String, String> users(WebKeys keys, JsonNode node) {
        Map<String, String> users = new TreeMap<>();
        if (!node.isMissingNode() && !node.isObject()) {
            keys.problem("must be a map of user names to bcrypt hashes");
        }
        if (node.size() > USERS_MAX) {
            keys.problem("holds more than " + USERS_MAX + " users");
        }
        for (Map.Entry<String, JsonNode> user : node.properties()) {
            Matcher hash = HASH.matcher(user.getValue().asText());
            int cost = hash.matches() ? Integer.parseInt(hash.group(1)) : 0;
            if (cost < HASH_COST_MIN || cost > HASH_COST_MAX) {
                keys.problem(
                        "'" + user.getKey() + "' has no bcrypt hash; it must begin with $2a$, $2b$ or $2y$ and have a"
                                + " cost from " + HASH_COST_MIN + " to " + HASH_COST_MAX);
            }
            users.put(user.getKey(), user.getValue().asText());
        }
        return users;
    }

    private static Map<String, String> headers(WebKeys keys, JsonNode node) {
        Map<String, String> headers = new TreeMap<>();
        if (node.isMissingNode()) {
            return headers;
        }
        keys.refuseUnknown(node, SERVER_KEYS);
        if (keys.flag(node, "http2").orElse(false)) {
            keys.problem("http2 is 'true'; it must be false: the exporter speaks HTTP/1.1");
        }
        for (Map.Entry<String, JsonNode> header : node.path("headers").properties()) {
            String allowed = HEADERS.get(header.getKey());
            if (allowed == null) {
                keys.problem("header '" + header.getKey() + "' is unknown; headers are "
                        + String.join(", ", HEADERS.keySet().stream().sorted().toList()));
            } else if (!header.getValue().asText().matches(allowed)) {
                keys.problem("header " + header.getKey() + " is '"
                        + header.getValue().asText() + "'; it must be "
                        + (allowed.equals(".+") ? "a text of one line" : allowed.replace("|", " or ")));
            } else {
                headers.put(header.getKey(), header.getValue().asText());
            }
        }
        return headers;
    }
}
