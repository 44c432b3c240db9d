package org.pgpod.haagent.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SensitiveValues;
import org.pgpod.haagent.model.ServerCatalog;
import org.pgpod.haagent.model.SystemId;

/** A data directory and, while it is up, its server: WAL is a line of timelines and an end position. */
final class FakePostgres {
    static final long RECORD = 8;
    static final long FIRST = 0x1000000;

    final SystemId systemId;
    /** Timeline to where it began, as the history files say. */
    final TreeMap<Integer, Long> line = new TreeMap<>();

    final Set<String> slots = new HashSet<>();
    long end = FIRST;
    long oldestWal = FIRST;
    int checkpointTimeline = 1;
    String state = "shut down";
    boolean up;
    boolean inRecovery;
    boolean streaming;
    Optional<PostgresSettings> settings = Optional.empty();
    List<DatabaseFacts.Sender> senders = new ArrayList<>();

    FakePostgres(SystemId systemId) {
        this.systemId = systemId;
        line.put(1, FIRST);
    }

    FakePostgres copy() {
        FakePostgres copy = new FakePostgres(systemId);
        copy.line.clear();
        copy.line.putAll(line);
        copy.end = end;
        copy.oldestWal = end;
        copy.checkpointTimeline = checkpointTimeline;
        copy.state = "in archive recovery";
        return copy;
    }

    int timeline() {
        return line.lastKey();
    }

    boolean writable() {
        return up && !inRecovery;
    }

    void write() {
        end += RECORD;
    }

    void crash() {
        if (up) {
            state = inRecovery ? "in archive recovery" : "in production";
        }
        up = false;
        streaming = false;
    }

    void promote(int timeline) {
        line.put(timeline, end);
        inRecovery = false;
        streaming = false;
        write();
    }

    /** Whether all of this WAL is part of {@code other}'s: only then can it stream from there. */
    boolean isPartOf(FakePostgres other) {
        if (!systemId.equals(other.systemId)) {
            return false;
        }
        if (!other.line.entrySet().containsAll(line.entrySet())) {
            return false;
        }
        var next = other.line.higherEntry(timeline());
        return end <= (next == null ? other.end : next.getValue());
    }

    /** Whether it can stream from {@code primary}, which must still have the WAL that follows. */
    boolean canFollow(FakePostgres primary) {
        return isPartOf(primary) && end >= primary.oldestWal;
    }

    void streamFrom(FakePostgres primary) {
        streaming = true;
        line.putAll(primary.line);
        end = primary.end;
        checkpointTimeline = timeline();
    }

    DatabaseFacts facts() {
        Lsn position = new Lsn(end);
        return new DatabaseFacts(
                systemId,
                inRecovery,
                new Timeline(timeline()),
                timeline() == 1
                        ? Optional.empty()
                        : Optional.of(new Lsn(line.lastEntry().getValue())),
                inRecovery ? position : Lsn.ZERO,
                position,
                true,
                streaming ? DatabaseFacts.Receiver.STREAMING : DatabaseFacts.Receiver.NONE,
                !(settings.orElse(null) instanceof PostgresSettings.Standby),
                senders,
                slots,
                new Timeline(checkpointTimeline),
                Optional.of(new Lsn(oldestWal)),
                settings.orElse(null) instanceof PostgresSettings.Primary primary
                        ? primary.synchronous().text()
                        : "",
                true,
                false,
                "15.20");
    }

    /** It knows one parameter besides those that standbys depend on, which are always the same here. */
    ServerCatalog catalog() {
        Map<String, ServerCatalog.Parameter> parameters = new HashMap<>();
        SensitiveValues.in(Map.of())
                .values()
                .forEach((name, value) -> parameters.put(name, number(name, value.toString())));
        parameters.put("work_mem", number("work_mem", "4096"));
        return new ServerCatalog(parameters, 1);
    }

    private static ServerCatalog.Parameter number(String name, String setting) {
        String unit = name.equals("work_mem") ? "kB" : "";
        return new ServerCatalog.Parameter(
                name, "integer", unit, "0", "1000000", List.of(), "user", setting, setting, false);
    }

    String controlData() {
        boolean standby = state.contains("recovery");
        return """
                Database system identifier:           %s
                Database cluster state:               %s
                Latest checkpoint location:           %s
                Latest checkpoint's TimeLineID:       %d
                Minimum recovery ending location:     %s
                Min recovery ending loc's timeline:   %d
                """.formatted(
                        systemId,
                        state,
                        new Lsn(end - RECORD),
                        standby ? checkpointTimeline : timeline(),
                        new Lsn(standby ? end : 0),
                        standby ? timeline() : 0);
    }
}
