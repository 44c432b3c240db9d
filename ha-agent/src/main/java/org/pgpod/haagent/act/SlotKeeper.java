package org.pgpod.haagent.act;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.core.pod.BootClock;

/**
 * Keeps the physical slots of members: makes missing ones, and drops those of members that are gone: at once when the
 * same pod has a newer one, else once nobody has wanted or used it for the time to live.
 */
final class SlotKeeper {
    private static final Pattern OF_MEMBER = Pattern.compile("([a-z0-9_]+)_[0-9a-f]{8}");

    private final BootClock clock;
    private final Duration timeToLive;

    /** When this agent first saw a slot unused and unwanted; forgotten when it is used or wanted again. */
    private final Map<String, Long> idleSince = new HashMap<>();

    SlotKeeper(BootClock clock, Duration timeToLive) {
        this.clock = clock;
        this.timeToLive = timeToLive;
    }

    /** Whether anything had to be changed. */
    synchronized boolean ensure(Connection connection, Set<String> wanted) throws SQLException {
        Set<String> present = new HashSet<>();
        Set<String> idle = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select slot_name::text, active from pg_replication_slots where slot_type = 'physical'")) {
            while (rows.next()) {
                present.add(rows.getString(1));
                if (!rows.getBoolean(2)
                        && !wanted.contains(rows.getString(1))
                        && OF_MEMBER.matcher(rows.getString(1)).matches()) {
                    idle.add(rows.getString(1));
                }
            }
        }
        boolean changed = false;
        for (String slot : wanted) {
            if (!present.contains(slot)) {
                call(connection, "select pg_create_physical_replication_slot(?, true)", slot);
                changed = true;
            }
        }
        idleSince.keySet().retainAll(idle);
        for (String slot : idle) {
            if (isReplaced(slot, wanted) || isExpired(slot)) {
                call(connection, "select pg_drop_replication_slot(?)", slot);
                changed = true;
            }
        }
        return changed;
    }

    private static boolean isReplaced(String slot, Set<String> wanted) {
        String pod = pod(slot);
        return wanted.stream().anyMatch(other -> pod(other).equals(pod));
    }

    private static String pod(String slot) {
        Matcher matcher = OF_MEMBER.matcher(slot);
        return matcher.matches() ? matcher.group(1) : slot;
    }

    private boolean isExpired(String slot) {
        long now = clock.nowMillis();
        return now - idleSince.computeIfAbsent(slot, ignored -> now) >= timeToLive.toMillis();
    }

    private static void call(Connection connection, String sql, String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, slot);
            statement.execute();
        }
    }
}
