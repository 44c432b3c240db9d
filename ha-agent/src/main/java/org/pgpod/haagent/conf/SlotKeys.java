package org.pgpod.haagent.conf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.SlotMatcher;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotWishes;

/** Reads {@code slots} and {@code ignore_slots} of the dynamic configuration; what is wrong is added to the problems. */
final class SlotKeys {
    static final String SLOTS = "slots";
    static final String IGNORE = "ignore_slots";

    private static final int SLOTS_MAX = 64;
    private static final String NAME_ALLOWED = "1 to 63 of a-z, 0-9 and _";
    private static final String TYPE = "type";
    private static final String DATABASE = "database";
    private static final String PLUGIN = "plugin";
    private static final Set<String> KEYS = Set.of("name", TYPE, DATABASE, PLUGIN);

    private final List<String> problems;
    private final List<PermanentSlot> permanent = new ArrayList<>();
    private final List<SlotMatcher> ignored = new ArrayList<>();

    SlotKeys(List<String> problems) {
        this.problems = problems;
    }

    SlotWishes wishes() {
        return new SlotWishes(permanent, ignored);
    }

    void readSlots(JsonNode node) {
        if (node.isNull()) {
            return;
        }
        if (!node.isObject() || node.size() > SLOTS_MAX) {
            problems.add("slots must be names of slots and what each is, at most " + SLOTS_MAX);
            return;
        }
        for (Map.Entry<String, JsonNode> slot : node.properties()) {
            if (!slot.getValue().isNull()) {
                readSlot(slot.getKey(), slot.getValue());
            }
        }
    }

    private void readSlot(String name, JsonNode node) {
        String where = "slots." + name;
        if (!isName(name)) {
            problems.add("slots: '" + name + "' is not the name of a slot; it must be " + NAME_ALLOWED);
        }
        Map<String, String> values = texts(where, node, Set.of(TYPE, DATABASE, PLUGIN));
        switch (values.getOrDefault(TYPE, "")) {
            case "physical" -> {
                for (String key : List.of(DATABASE, PLUGIN)) {
                    if (values.containsKey(key)) {
                        problems.add(where + "." + key + " is '" + values.get(key)
                                + "'; it must be left out, for a physical slot has none");
                    }
                }
                permanent.add(new PermanentSlot.Physical(name));
            }
            case "logical" -> {
                String database = required(where, DATABASE, values, "the name of a database");
                String plugin = required(where, PLUGIN, values, "the name of an output plugin such as pgoutput");
                if (!plugin.isEmpty() && !plugin.matches("[A-Za-z0-9_$./-]{1,63}")) {
                    problems.add(where + ".plugin is '" + plugin + "'; it must be the name of a library");
                }
                permanent.add(new PermanentSlot.Logical(name, database, plugin));
            }
            default ->
                problems.add(
                        where + ".type is '" + values.getOrDefault(TYPE, "") + "'; it must be physical or logical");
        }
    }

    private String required(String where, String key, Map<String, String> values, String allowed) {
        String value = values.getOrDefault(key, "");
        if (value.isBlank() || value.chars().anyMatch(letter -> letter < ' ')) {
            problems.add(where + "." + key + " is '" + value + "'; it must be " + allowed);
        }
        return value;
    }

    void readIgnored(JsonNode node) {
        if (node.isNull()) {
            return;
        }
        if (!node.isArray() || node.size() > SLOTS_MAX) {
            problems.add("ignore_slots must be a list of at most " + SLOTS_MAX + " matchers with some of " + keys());
            return;
        }
        int index = 0;
        for (JsonNode matcher : node) {
            index++;
            readMatcher("ignore_slots[" + index + "]", matcher);
        }
    }

    private void readMatcher(String where, JsonNode node) {
        Map<String, String> values = texts(where, node, KEYS);
        if (node.isObject() && node.isEmpty()) {
            problems.add(where + " is empty and would match every slot; it must have some of " + keys());
        }
        Optional<String> name = Optional.ofNullable(values.get("name"));
        name.filter(text -> !isName(text))
                .ifPresent(text -> problems.add(where + ".name is '" + text + "'; it must be " + NAME_ALLOWED));
        Optional<SlotState.Kind> kind = Optional.empty();
        if (values.containsKey(TYPE)) {
            kind = switch (values.getOrDefault(TYPE, "")) {
                case "physical" -> Optional.of(SlotState.Kind.PHYSICAL);
                case "logical" -> Optional.of(SlotState.Kind.LOGICAL);
                default -> {
                    problems.add(where + ".type is '" + values.get(TYPE) + "'; it must be physical or logical");
                    yield Optional.empty();
                }
            };
        }
        ignored.add(new SlotMatcher(
                name, kind, Optional.ofNullable(values.get(DATABASE)), Optional.ofNullable(values.get(PLUGIN))));
    }

    private Map<String, String> texts(String where, JsonNode node, Set<String> allowed) {
        Map<String, String> values = new TreeMap<>();
        if (!node.isObject()) {
            problems.add(where + " is '" + node.asText() + "'; it must have some of the keys " + sorted(allowed));
            return values;
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            JsonNode value = entry.getValue();
            if (!allowed.contains(entry.getKey())) {
                problems.add(where + "." + entry.getKey() + " is unknown; allowed are " + sorted(allowed));
            } else if (value.isValueNode() && !value.isNull()) {
                values.put(entry.getKey(), value.asText());
            } else if (!value.isNull()) {
                problems.add(where + "." + entry.getKey() + " is '" + value + "'; it must be one text");
            }
        }
        return values;
    }

    private static boolean isName(String text) {
        return text.matches("[a-z0-9_]{1,63}");
    }

    private static String keys() {
        return sorted(KEYS);
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", new java.util.TreeSet<>(names));
    }
}
