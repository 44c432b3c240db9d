package org.pgpod.haagent.act;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgpod.core.pod.BootClock;

/**
 * Keeps the physical slots of members: makes missing ones, and drops those of members that are gone: at once when the
 * same pod has a newer one, or when the WAL it was to keep is lost, else once nobody has wanted or used it for the time to
 * live. On a standby, which nobody streams from, all of them go: they would keep WAL for nobody.
 */
final class SlotKeeper {
    private static final Pattern OF_MEMBER = Pattern.compile("([a-z0-9_]+)_[0-9a-f]{8}");
    private static final String DROP = "select pg_drop_replication_slot(?)";
    private static final String SLOTS = """
            select slot_name::text, active, coalesce(wal_status, '') = 'lost' as lost, pg_is_in_recovery() as on_standby
              from pg_replication_slots where slot_type = 'physical'
            """;

    private final BootClock clock;
    private final Duration timeToLive;

    /** When this agent first saw a slot unused and unwanted; forgotten when it is used or wanted again. */
    private final Map<String, Long> idleSince = new HashMap<>();

    SlotKeeper(BootClock clock, Duration timeToLive) {
        this.clock = clock;
        this.timeToLive = timeToLive;
    }

    private record Slot(String name, boolean active, boolean lost, boolean onStandby) {
        boolean ofMember() {
            return OF_MEMBER.matcher(name).matches();
        }

        /** What it is there for cannot be had from it any more. */
        boolean useless() {
            return !active && ofMember() && (lost || onStandby);
        }
    }

    /** Whether anything had to be changed. */
    synchronized boolean ensure(Connection connection, Set<String> wanted) throws SQLException {
        List<Slot> slots = read(connection);
        boolean changed = false;
        for (Slot slot : slots.stream().filter(Slot::useless).toList()) {
            call(connection, DROP, slot.name());
            changed = true;
        }
        List<Slot> kept = slots.stream().filter(slot -> !slot.useless()).toList();
        Set<String> present = kept.stream().map(Slot::name).collect(Collectors.toUnmodifiableSet());
        for (String slot : wanted) {
            if (!present.contains(slot)) {
                call(connection, "select pg_create_physical_replication_slot(?, true)", slot);
                changed = true;
            }
        }
        Set<String> idle = kept.stream()
                .filter(slot -> !slot.active() && slot.ofMember() && !wanted.contains(slot.name()))
                .map(Slot::name)
                .collect(Collectors.toUnmodifiableSet());
        idleSince.keySet().retainAll(idle);
        for (String slot : idle) {
            if (isReplaced(slot, wanted) || isExpired(slot)) {
                call(connection, DROP, slot);
                changed = true;
            }
        }
        return changed;
    }

    private static List<Slot> read(Connection connection) throws SQLException {
        List<Slot> slots = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SLOTS)) {
            while (rows.next()) {
                slots.add(new Slot(
                        rows.getString("slot_name"),
                        rows.getBoolean("active"),
                        rows.getBoolean("lost"),
                        rows.getBoolean("on_standby")));
            }
        }
        return slots;
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
