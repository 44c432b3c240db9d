package org.pgpod.haagent.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which terms a server is to be restarted, by Patroni's keys, each of which may be left out.
 *
 * @param role only as that
 * @param olderThan only a server of an earlier version, such as {@code 15.20}
 * @param pending only if parameters wait for it
 * @param timeout after which it counts as failed, although it goes on
 */
public record RestartTerms(
        Optional<Role> role, Optional<String> olderThan, boolean pending, Optional<Duration> timeout) {
    public static final String ROLE = "role";
    public static final String VERSION = "postgres_version";
    public static final String PENDING = "restart_pending";
    public static final String TIMEOUT = "timeout";

    private static final Pattern NUMBERS = Pattern.compile("([0-9]{1,3})(\\.([0-9]{1,3}))?");
    private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,3})\\s*(s|min)?");
    private static final int MAJOR_FACTOR = 10_000;

    /** As what a server runs. */
    public enum Role {
        PRIMARY,
        REPLICA
    }

    /** A server to which the terms may apply; the version is empty while it is unknown. */
    public record Server(boolean primary, boolean replica, Optional<String> version, boolean pendingRestart) {}

    /** Reads the keys of {@code json}; the error names the key, its value and what is allowed. */
    public static Parsed<RestartTerms> parse(JsonNode json) {
        String role = json.path(ROLE).asText("");
        Optional<Role> wanted = switch (role) {
            case "primary", "master", "leader" -> Optional.of(Role.PRIMARY);
            case "replica", "standby" -> Optional.of(Role.REPLICA);
            default -> Optional.empty();
        };
        if (wanted.isEmpty() && !role.isEmpty()) {
            return malformed(ROLE, role, "primary or replica");
        }
        String version = json.path(VERSION).asText("");
        if (!version.isEmpty() && !NUMBERS.matcher(version).matches()) {
            return malformed(VERSION, version, "a version such as 15.20");
        }
        String timeout = json.hasNonNull(TIMEOUT) ? json.path(TIMEOUT).asText("") : "";
        if (json.hasNonNull(TIMEOUT) && length(timeout).isEmpty()) {
            return malformed(TIMEOUT, timeout, "a positive number of seconds, or one with a unit (s, min)");
        }
        JsonNode pending = json.path(PENDING);
        if (!pending.isMissingNode() && !pending.isNull() && !pending.isBoolean()) {
            return malformed(PENDING, pending.asText(), "true or false");
        }
        return new Parsed.Valid<>(new RestartTerms(
                wanted,
                Optional.of(version).filter(text -> !text.isEmpty()),
                pending.asBoolean(false),
                length(timeout)));
    }

    private static Parsed<RestartTerms> malformed(String key, String value, String allowed) {
        return new Parsed.Malformed<>(key + " is '" + value + "'; it must be " + allowed);
    }

    private static Optional<Duration> length(String text) {
        Matcher matcher = LENGTH.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of("min".equals(matcher.group(2)) ? Duration.ofMinutes(amount) : Duration.ofSeconds(amount));
    }

    /** A version as one number, as libpq has it: 150020 for 15.20, and for what follows it; 0 for what is none. */
    public static int versionNumber(String version) {
        Matcher matcher = NUMBERS.matcher(version.strip().split("\\s", 2)[0]);
        if (!matcher.lookingAt()) {
            return 0;
        }
        int minor = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        return Integer.parseInt(matcher.group(1)) * MAJOR_FACTOR + minor;
    }

    /** Which of the terms that server does not meet; empty when it meets all. */
    public Optional<String> unmet(Server server) {
        if (role.filter(Role.PRIMARY::equals).isPresent() && !server.primary()) {
            return Optional.of("this member is no primary");
        }
        if (role.filter(Role.REPLICA::equals).isPresent() && !server.replica()) {
            return Optional.of("this member is no replica");
        }
        boolean older = olderThan.isEmpty()
                || server.version()
                        .filter(version -> versionNumber(version) < versionNumber(olderThan.get()))
                        .isPresent();
        if (!older) {
            return Optional.of("the server is not older than " + olderThan.get());
        }
        return pending && !server.pendingRestart() ? Optional.of("no restart is pending") : Optional.empty();
    }

    /** Adds the keys that are set. */
    void write(ObjectNode json) {
        role.ifPresent(wanted -> json.put(ROLE, wanted == Role.PRIMARY ? "primary" : "replica"));
        olderThan.ifPresent(version -> json.put(VERSION, version));
        if (pending) {
            json.put(PENDING, true);
        }
        timeout.ifPresent(length -> json.put(TIMEOUT, length.toSeconds()));
    }
}
