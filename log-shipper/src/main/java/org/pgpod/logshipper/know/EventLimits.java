package org.pgpod.logshipper.know;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.logshipper.model.EventCounts.Omission;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;

/**
 * Which records of named events are counted and not stored. Seconds are those of the records' own time, so that a backlog is
 * treated as it would have been when it was written. Events that are not named are never left out. Used by one thread.
 */
public final class EventLimits {
    private static final Pattern FORM = Pattern.compile("([a-z_]+)=(?:(\\d{1,6})/s|(\\d{1,3})%)");
    private static final int PERCENT = 100;
    private static final long SECOND_MICROS = 1_000_000;
    private static final long HASH_BASIS = 0xcbf29ce484222325L;
    private static final long HASH_PRIME = 0x100000001b3L;

    private final Map<PostgresEvent, Limit> limits;
    private final Map<PostgresEvent, Second> seconds = new EnumMap<>(PostgresEvent.class);
    private final int time = Table.POSTGRES_LOG.column("log_time");
    private final int session = Table.POSTGRES_LOG.column("session_id");
    private final int line = Table.POSTGRES_LOG.column("line_num");

    /**
     * A limit of one event.
     *
     * @param event the event
     * @param perSecond records that are stored of each second; -1 for a share instead
     * @param percent the share that is stored, chosen by the record's identity
     */
    public record Limit(PostgresEvent event, int perSecond, int percent) {
        /** Reads {@code connection_received=10/s} or {@code duration=5%}. */
        public static Limit parse(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a limit: " + text);
            }
            PostgresEvent event = PostgresEvent.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
            if (matcher.group(2) != null) {
                return new Limit(event, Integer.parseInt(matcher.group(2)), PERCENT);
            }
            int percent = Integer.parseInt(matcher.group(3));
            if (percent > PERCENT) {
                throw new IllegalArgumentException("more than all: " + text);
            }
            return new Limit(event, -1, percent);
        }
    }

    private static final class Second {
        private long second = Long.MIN_VALUE;
        private int taken;
    }

    public EventLimits(List<Limit> limits) {
        Map<PostgresEvent, Limit> byEvent = new EnumMap<>(PostgresEvent.class);
        limits.forEach(limit -> byEvent.put(limit.event(), limit));
        this.limits = byEvent;
    }

    /** Why a record is not stored; asking counts it. */
    public Optional<Omission> omit(PostgresEvent event, RecordFields fields) {
        Limit limit = limits.get(event);
        if (limit == null) {
            return Optional.empty();
        }
        if (limit.perSecond() < 0) {
            return share(fields) < limit.percent() ? Optional.empty() : Optional.of(Omission.SAMPLED);
        }
        Second current = seconds.computeIfAbsent(event, none -> new Second());
        long second = Math.floorDiv(fields.time(time), SECOND_MICROS);
        // A record of an earlier second, as another process may write it a little late, counts as of the latest.
        if (second > current.second) {
            current.second = second;
            current.taken = 0;
        }
        current.taken++;
        return current.taken <= limit.perSecond() ? Optional.empty() : Optional.of(Omission.LIMITED);
    }

    /** The same number below 100 for the same record, wherever and however often it is read. */
    private int share(RecordFields fields) {
        long hash = HASH_BASIS;
        for (int column : new int[] {session, line}) {
            for (int at = fields.start(column); at < fields.start(column) + fields.length(column); at++) {
                hash = (hash ^ fields.bytes()[at]) * HASH_PRIME;
            }
        }
        return (int) Math.floorMod(hash ^ (hash >>> 32), (long) PERCENT);
    }
}
