package org.pgpod.haagent.conf;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.Tunables;

/** Reads the agent's own keys of the dynamic configuration; what is wrong with one is added to the problems. */
final class TunableKeys {
    private static final long LAG_MAX = 1L << 40;
    private static final long STEP = 1_024;
    private static final int NODES_MAX = 16;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,13})\\s*(B|kB|MB|GB|TB)?");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})\\s*(ms|s|min|h|d)?");
    private static final String NAMES = "maximum_lag_on_failover, primary_start_timeout, hold_timeout, drain_timeout,"
            + " shutdown_timeout, start_timeout, synchronous_mode, synchronous_mode_strict, synchronous_node_count,"
            + " member_slots_ttl, slots, ignore_slots, standby_cluster and postgresql";

    private final List<String> problems;
    private final Map<String, Object> values = new TreeMap<>();

    TunableKeys(List<String> problems) {
        this.problems = problems;
    }

    void read(String key, JsonNode node) {
        if (node.isNull()) {
            return;
        }
        String text = node.asText();
        switch (key) {
            case "maximum_lag_on_failover" ->
                put(key, text, "a number of bytes, or one with a unit (kB, MB, GB, TB), up to 1 TB", TunableKeys::size);
            case "primary_start_timeout" -> time(key, text, Duration.ofSeconds(5), DAY);
            case "hold_timeout" -> time(key, text, Duration.ofSeconds(1), Duration.ofMinutes(5));
            case "drain_timeout" -> time(key, text, Duration.ZERO, Duration.ofMinutes(5));
            case "shutdown_timeout" -> time(key, text, Duration.ofSeconds(1), Duration.ofHours(1));
            case "start_timeout" -> time(key, text, Duration.ofSeconds(1), DAY);
            case "member_slots_ttl" -> time(key, text, Duration.ofSeconds(1), MONTH);
            case "synchronous_mode" -> put(key, text, "off, on or quorum", TunableKeys::mode);
            case "synchronous_mode_strict" -> put(key, text, "true or false", TunableKeys::truth);
            case "synchronous_node_count" -> put(key, text, "a number from 1 to " + NODES_MAX, TunableKeys::nodes);
            default -> problems.add("'" + key + "' is unknown; allowed are " + NAMES);
        }
    }

    private <T> void put(String key, String text, String allowed, Function<String, Optional<T>> parser) {
        parser.apply(text)
                .ifPresentOrElse(
                        value -> values.put(key, value),
                        () -> problems.add(key + " is '" + text + "'; it must be " + allowed));
    }

    private void time(String key, String text, Duration least, Duration most) {
        String allowed = "a number of seconds, or one with a unit (ms, s, min, h, d), from " + least.toSeconds()
                + "s to " + most.toSeconds() + "s";
        put(
                key,
                text,
                allowed,
                given -> duration(given).filter(value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0));
    }

    private static Optional<Long> size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long factor = switch (Optional.ofNullable(matcher.group(2)).orElse("B")) {
            case "kB" -> STEP;
            case "MB" -> STEP * STEP;
            case "GB" -> STEP * STEP * STEP;
            case "TB" -> STEP * STEP * STEP * STEP;
            default -> 1;
        };
        long amount = Long.parseLong(matcher.group(1));
        return amount <= LAG_MAX / factor ? Optional.of(amount * factor) : Optional.empty();
    }

    private static Optional<Duration> duration(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (Optional.ofNullable(matcher.group(2)).orElse("s")) {
                    case "ms" -> Duration.ofMillis(amount);
                    case "min" -> Duration.ofMinutes(amount);
                    case "h" -> Duration.ofHours(amount);
                    case "d" -> Duration.ofDays(amount);
                    default -> Duration.ofSeconds(amount);
                });
    }

    /** Patroni also takes true and false. */
    private static Optional<SynchronousSettings.Mode> mode(String text) {
        return switch (text) {
            case "off", "false" -> Optional.of(SynchronousSettings.Mode.OFF);
            case "on", "true" -> Optional.of(SynchronousSettings.Mode.ON);
            case "quorum" -> Optional.of(SynchronousSettings.Mode.QUORUM);
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> truth(String text) {
        return switch (text) {
            case "true", "on" -> Optional.of(true);
            case "false", "off" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<Integer> nodes(String text) {
        return text.matches("[0-9]{1,2}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= NODES_MAX
                ? Optional.of(Integer.valueOf(text))
                : Optional.empty();
    }

    private <T> Optional<T> get(String key, Class<T> type) {
        return Optional.ofNullable(values.get(key)).map(type::cast);
    }

    Tunables tunables() {
        return new Tunables(
                get("maximum_lag_on_failover", Long.class),
                get("primary_start_timeout", Duration.class),
                get("hold_timeout", Duration.class),
                get("drain_timeout", Duration.class),
                get("shutdown_timeout", Duration.class),
                get("start_timeout", Duration.class),
                get("synchronous_mode", SynchronousSettings.Mode.class),
                get("synchronous_mode_strict", Boolean.class),
                get("synchronous_node_count", Integer.class),
                get("member_slots_ttl", Duration.class));
    }
}
