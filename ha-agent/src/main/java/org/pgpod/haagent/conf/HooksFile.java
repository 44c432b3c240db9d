package org.pgpod.haagent.conf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.haagent.model.Hook;

/** Reads the file of hooks, YAML or JSON. Every problem names the field, its value and what is allowed. */
public final class HooksFile {
    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int HOOKS_MAX = 32;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration TIMEOUT_MAX = Duration.ofHours(1);
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,6})(ms|s|min|h)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final Set<Integer> ANY_SUCCESS = Set.of(200, 201, 202, 204);

    private final Duration waitMax;
    private final List<String> problems = new ArrayList<>();
    private final Map<Hook.Event, List<Hook>> hooks = new EnumMap<>(Hook.Event.class);

    private HooksFile(Duration waitMax) {
        this.waitMax = waitMax;
    }

    /** What a file says: the hooks of each event, good only without problems. */
    public record Outcome(Map<Hook.Event, List<Hook>> hooks, List<String> problems) {}

    /** {@code waitMax} is what the time-outs of the hooks of an event that something waits for may add up to. */
    public static Outcome parse(String text, Duration waitMax) {
        HooksFile file = new HooksFile(waitMax);
        try {
            file.read(MAPPER.readTree(text));
        } catch (JsonProcessingException malformed) {
            file.problems.add("the hooks are neither YAML nor JSON: " + malformed.getOriginalMessage());
        }
        return new Outcome(Map.copyOf(file.hooks), List.copyOf(file.problems));
    }

    private void read(JsonNode document) {
        if (document.isMissingNode() || document.isNull()) {
            return;
        }
        Map<String, Hook.Event> events = new TreeMap<>();
        for (Hook.Event event : Hook.Event.values()) {
            events.put(key(event), event);
        }
        if (!keys("the hooks", document, events.keySet())) {
            return;
        }
        for (Map.Entry<String, JsonNode> entry : document.properties()) {
            Hook.Event event = events.get(entry.getKey());
            if (event == null) {
                continue;
            }
            if (!entry.getValue().isArray() || entry.getValue().size() > HOOKS_MAX) {
                problem(entry.getKey(), entry.getValue(), "a list of at most " + HOOKS_MAX + " hooks");
                continue;
            }
            List<Hook> list = new ArrayList<>();
            for (int index = 0; index < entry.getValue().size(); index++) {
                hook(entry.getKey() + "[" + index + "]", entry.getValue().get(index))
                        .ifPresent(list::add);
            }
            hooks.put(event, List.copyOf(list));
        }
        hooks.keySet().stream().filter(Hook.Event::isWaitedFor).forEach(this::limit);
    }

    private void limit(Hook.Event event) {
        Duration sum =
                hooks.getOrDefault(event, List.of()).stream().map(Hook::timeout).reduce(Duration.ZERO, Duration::plus);
        if (sum.compareTo(waitMax) > 0) {
            problems.add("the time-outs of " + key(event) + " add up to " + sum.toMillis() + "ms; at most "
                    + waitMax.toSeconds() + "s are allowed, for "
                    + (event == Hook.Event.BEFORE_STOP ? "a stop" : "a promotion") + " waits for them");
        }
    }

    /** {@code beforeStop} for {@code BEFORE_STOP}. */
    public static String key(Hook.Event event) {
        String[] words = event.name().toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder key = new StringBuilder(words[0]);
        for (int word = 1; word < words.length; word++) {
            key.append(words[word].substring(0, 1).toUpperCase(Locale.ROOT)).append(words[word].substring(1));
        }
        return key.toString();
    }

    private void problem(String where, JsonNode value, String allowed) {
        String shown = value.isValueNode() ? value.asText() : value.toString();
        problems.add(where + " is '" + shown + "'; it must be " + allowed);
    }

    private boolean keys(String where, JsonNode node, Set<String> allowed) {
        if (!(node instanceof ObjectNode object)) {
            problem(where, node, "an object with the keys " + String.join(", ", new TreeSet<>(allowed)));
            return false;
        }
        object.fieldNames().forEachRemaining(key -> {
            if (!allowed.contains(key)) {
                problems.add(where + " has the unknown key '" + key + "'; allowed are "
                        + String.join(", ", new TreeSet<>(allowed)));
            }
        });
        return true;
    }

    private Optional<Hook> hook(String where, JsonNode node) {
        if (!keys(where, node, Set.of("name", "timeout", "sql", "database", "command", "http"))) {
            return Optional.empty();
        }
        int before = problems.size();
        String name = node.path("name").asText("");
        if (!NAME.matcher(name).matches()) {
            problem(where + ".name", node.path("name"), "letters, digits, '.', '_' and '-', at most 63");
        }
        Duration timeout = timeout(where, node);
        long kinds =
                List.of("sql", "command", "http").stream().filter(node::has).count();
        if (kinds != 1) {
            problems.add(where + " must have exactly one of sql, command and http; it has " + kinds);
            return Optional.empty();
        }
        if (node.has("database") && !node.has("sql")) {
            problems.add(where + ".database goes with sql only");
        }
        Optional<Hook.Work> work = node.has("sql")
                ? sql(where, node)
                : node.has("command") ? command(where, node.path("command")) : http(where + ".http", node.path("http"));
        return problems.size() == before ? work.map(known -> new Hook(name, known, timeout)) : Optional.empty();
    }

    private Duration timeout(String where, JsonNode node) {
        if (!node.has("timeout")) {
            boolean waitedFor = Arrays.stream(Hook.Event.values())
                    .filter(Hook.Event::isWaitedFor)
                    .anyMatch(event -> where.startsWith(key(event) + "["));
            return waitedFor ? waitMax.dividedBy(2) : TIMEOUT;
        }
        Matcher matcher = LENGTH.matcher(node.path("timeout").asText(""));
        Duration length = Duration.ZERO;
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            length = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "min" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        }
        if (length.isZero() || length.compareTo(TIMEOUT_MAX) > 0) {
            problem(where + ".timeout", node.path("timeout"), "a duration with its unit (ms, s, min, h), up to 1h");
            return TIMEOUT;
        }
        return length;
    }

    private Optional<String> path(String where, JsonNode value) {
        String text = value.isTextual() ? value.asText() : "";
        if (!text.startsWith("/")) {
            problem(where, value, "an absolute path");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    private Optional<Hook.Work> sql(String where, JsonNode node) {
        String database = node.path("database").asText("");
        if (database.isBlank()) {
            problem(where + ".database", node.path("database"), "the name of a database");
        }
        return path(where + ".sql", node.path("sql")).map(file -> new Hook.Work.Sql(file, database));
    }

    private Optional<Hook.Work> command(String where, JsonNode value) {
        List<String> words = new ArrayList<>();
        value.forEach(word -> words.add(word.isValueNode() ? word.asText() : ""));
        if (!value.isArray() || words.isEmpty() || !words.getFirst().startsWith("/")) {
            problem(where + ".command", value, "a list of words, the first the absolute path of a program");
            return Optional.empty();
        }
        return Optional.of(new Hook.Work.Command(words));
    }

    private Optional<Hook.Work> http(String where, JsonNode node) {
        if (!keys(where, node, Set.of("method", "url", "headers", "body", "expect"))) {
            return Optional.empty();
        }
        String method = node.path("method").asText("POST");
        if (!METHODS.contains(method)) {
            problem(where + ".method", node.path("method"), "one of " + String.join(", ", new TreeSet<>(METHODS)));
        }
        Map<String, String> headers = new TreeMap<>();
        for (Map.Entry<String, JsonNode> header : node.path("headers").properties()) {
            if (!HEADER.matcher(header.getKey()).matches()) {
                problems.add(where + ".headers has '" + header.getKey() + "', which is no name of a header");
            }
            path(where + ".headers." + header.getKey(), header.getValue())
                    .ifPresent(file -> headers.put(header.getKey(), file));
        }
        Set<Integer> expected = new TreeSet<>();
        for (JsonNode code : node.path("expect")) {
            if (!code.isInt() || code.asInt() < 100 || code.asInt() > 599) {
                problem(where + ".expect", code, "status codes from 100 to 599");
            }
            expected.add(code.asInt());
        }
        Optional<String> body = Optional.of(node.path("body").asText("")).filter(text -> !text.isEmpty());
        return url(where + ".url", node.path("url"))
                .map(url ->
                        new Hook.Work.Http(method, url, headers, body, expected.isEmpty() ? ANY_SUCCESS : expected));
    }

    private Optional<String> url(String where, JsonNode value) {
        try {
            URI url = URI.create(value.asText(""));
            if (url.getHost() != null && Set.of("http", "https").contains(url.getScheme())) {
                return Optional.of(url.toString());
            }
        } catch (IllegalArgumentException malformed) {
            // Reported below like every other text that is no URL of a server.
        }
        problem(where, value, "a URL such as https://hooks.example.org/pgpod");
        return Optional.empty();
    }
}
