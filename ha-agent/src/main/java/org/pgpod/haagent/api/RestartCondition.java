package org.pgpod.haagent.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** On which conditions {@code POST /restart} is to restart: Patroni's keys, each of which may be left out. */
final class RestartCondition {
    static final Set<String> KEYS = Set.of("role", "postgres_version", "restart_pending", "timeout", "schedule");

    private static final Pattern VERSION = Pattern.compile("([0-9]{1,3})(\\.([0-9]{1,3}))?");
    private static final Pattern TIMEOUT = Pattern.compile("([1-9][0-9]{0,3})\\s*(s|min)?");

    /** Why not; empty when nothing speaks against it. */
    Optional<Reply> refusal(ObjectNode body, Situation now) {
        if (body.hasNonNull("schedule")) {
            return bad("restarts cannot be scheduled; leave schedule out");
        }
        if (body.hasNonNull("timeout") && timeout(body).isEmpty()) {
            return bad("timeout is '" + body.path("timeout").asText()
                    + "'; it must be a positive number of seconds, or one with a unit (s, min)");
        }
        return role(body, now).or(() -> version(body, now)).or(() -> pending(body, now));
    }

    static Optional<Duration> timeout(ObjectNode body) {
        Matcher matcher = TIMEOUT.matcher(body.path("timeout").asText(""));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of("min".equals(matcher.group(2)) ? Duration.ofMinutes(amount) : Duration.ofSeconds(amount));
    }

    private static Optional<Reply> role(ObjectNode body, Situation now) {
        String role = body.path("role").asText("");
        return switch (role) {
            case "" -> Optional.empty();
            case "primary", "master", "leader" ->
                now.holdsLock() ? Optional.empty() : unmet("this member is no primary");
            case "replica", "standby" -> now.isReplica() ? Optional.empty() : unmet("this member is no replica");
            default -> bad("role is '" + role + "'; it must be primary or replica");
        };
    }

    /** Restarts only servers older than the named version. */
    private static Optional<Reply> version(ObjectNode body, Situation now) {
        String text = body.path("postgres_version").asText("");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Matcher matcher = VERSION.matcher(text);
        if (!matcher.matches()) {
            return bad("postgres_version is '" + text + "'; it must be a version such as 15.20");
        }
        int limit = PatroniDocuments.serverVersion(text);
        boolean older = now.database()
                .map(database -> PatroniDocuments.serverVersion(database.version()))
                .filter(version -> version < limit)
                .isPresent();
        return older ? Optional.empty() : unmet("the server is not older than " + text);
    }

    private static Optional<Reply> pending(ObjectNode body, Situation now) {
        JsonNode wanted = body.path("restart_pending");
        if (wanted.isMissingNode() || !wanted.asBoolean(false)) {
            return Optional.empty();
        }
        return now.pendingRestart() ? Optional.empty() : unmet("no restart is pending");
    }

    private static Optional<Reply> bad(String why) {
        return Optional.of(Reply.of(Reply.BAD_REQUEST, why));
    }

    private static Optional<Reply> unmet(String why) {
        return Optional.of(Reply.of(Reply.UNAVAILABLE, "restart conditions are not satisfied: " + why));
    }
}
