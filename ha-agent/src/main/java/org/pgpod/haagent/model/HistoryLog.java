package org.pgpod.haagent.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Timeline;

/**
 * When each timeline began and whose it was, for people: key {@code history} of the ConfigMap, a list of
 * {@code [timeline, time, member]}. Nothing is decided by it.
 */
public record HistoryLog(List<Entry> entries) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int ENTRIES_MAX = 1_000;

    /** One timeline that began. */
    public record Entry(Timeline timeline, Instant at, String member) {}

    public HistoryLog {
        entries = List.copyOf(entries);
    }

    /** What is not readable is left out. */
    public static HistoryLog parse(String text) {
        List<Entry> entries = new ArrayList<>();
        try {
            for (JsonNode entry : MAPPER.readTree(text)) {
                entries.add(new Entry(
                        new Timeline(entry.path(0).asInt()),
                        Instant.parse(entry.path(1).asText()),
                        entry.path(2).asText()));
            }
        } catch (JsonProcessingException | DateTimeException | IllegalArgumentException unreadable) {
            return new HistoryLog(entries);
        }
        return new HistoryLog(entries);
    }

    public Optional<Entry> entryOf(Timeline timeline) {
        return entries.stream()
                .filter(entry -> entry.timeline().equals(timeline))
                .findFirst();
    }

    /** The same, with the last timeline of {@code line} if it is new. */
    public HistoryLog with(TimelineHistory line, String member, Instant now) {
        Optional<Timeline> last = line.last().map(TimelineHistory.Entry::timeline);
        if (last.isEmpty() || entryOf(last.get()).isPresent()) {
            return this;
        }
        List<Entry> longer = new ArrayList<>(entries);
        longer.add(new Entry(last.get(), now, member));
        return new HistoryLog(longer.subList(Math.max(0, longer.size() - ENTRIES_MAX), longer.size()));
    }

    public String format() {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        entries.forEach(entry -> json.addArray()
                .add(entry.timeline().id())
                .add(entry.at().toString())
                .add(entry.member()));
        return json.toString();
    }
}
