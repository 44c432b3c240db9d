package org.pgpod.haagent.model;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When things may be disturbed that people did not ask for at that moment, by the wall clock: {@code Sat,Sun 02:00-04:00 UTC},
 * several of them with {@code ;} between.
 *
 * @param spans empty for at any time
 */
public record MaintenanceWindow(List<Span> spans) {
    /** At any time. */
    public static final MaintenanceWindow ALWAYS = new MaintenanceWindow(List.of());

    /** What is written as one, for people. */
    public static final String FORM =
            "days, a time from-to and a zone, such as `Sat,Sun 02:00-04:00 UTC` or `Mon-Fri 22:00-01:00 Europe/Berlin`,"
                    + " several with `;` between";

    private static final Pattern SPAN = Pattern.compile(
            "(\\S+) +((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00) +(\\S+)");
    private static final List<String> NAMES = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final String END_OF_DAY = "24:00";

    /**
     * Part of each of some days.
     *
     * @param days on which it begins
     * @param to when it ends: not after {@code from} on the following day, so that midnight is the end of the day
     * @param zone whose days and times these are
     */
    public record Span(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
        public Span {
            days = Set.copyOf(days);
        }

        boolean contains(Instant moment) {
            ZonedDateTime local = moment.atZone(zone);
            LocalTime time = local.toLocalTime();
            boolean begun = days.contains(local.getDayOfWeek()) && !time.isBefore(from);
            if (from.isBefore(to)) {
                return begun && time.isBefore(to);
            }
            boolean sinceYesterday = days.contains(local.getDayOfWeek().minus(1)) && time.isBefore(to);
            return begun || sinceYesterday;
        }
    }

    public MaintenanceWindow {
        spans = List.copyOf(spans);
    }

    /** Whether {@code moment} is within it. */
    public boolean contains(Instant moment) {
        return spans.isEmpty() || spans.stream().anyMatch(span -> span.contains(moment));
    }

    /**
     * Reads one; blank is at any time.
     *
     * @throws IllegalArgumentException says what is not understood
     */
    public static MaintenanceWindow parse(String text) {
        if (text.isBlank()) {
            return ALWAYS;
        }
        List<Span> spans = new ArrayList<>();
        for (String part : text.split(";", -1)) {
            spans.add(span(part.strip()));
        }
        return new MaintenanceWindow(spans);
    }

    private static Span span(String text) {
        Matcher matcher = SPAN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not days, from-to and a zone");
        }
        LocalTime from = LocalTime.parse(matcher.group(2));
        boolean endOfDay = matcher.group(3).equals(END_OF_DAY);
        LocalTime to = endOfDay ? LocalTime.MIDNIGHT : LocalTime.parse(matcher.group(3));
        if (from.equals(to) && !endOfDay) {
            throw new IllegalArgumentException("'" + text + "' has no length; a whole day is 00:00-24:00");
        }
        return new Span(days(matcher.group(1)), from, to, zone(matcher.group(4)));
    }

    private static ZoneId zone(String text) {
        if (!text.equals("UTC") && !ZoneId.getAvailableZoneIds().contains(text)) {
            throw new IllegalArgumentException("'" + text + "' is no zone such as UTC or Europe/Berlin");
        }
        return ZoneId.of(text);
    }

    private static Set<DayOfWeek> days(String text) {
        Set<DayOfWeek> days = new TreeSet<>();
        for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] ends = part.split("-", -1);
            if (part.equals("daily")) {
                days.addAll(EnumSet.allOf(DayOfWeek.class));
            } else if (ends.length <= 2) {
                DayOfWeek last = day(ends[ends.length - 1]);
                DayOfWeek day = day(ends[0]);
                days.add(day);
                while (day != last) {
                    day = day.plus(1);
                    days.add(day);
                }
            } else {
                throw new IllegalArgumentException("'" + part + "' is no day");
            }
        }
        return days;
    }

    private static DayOfWeek day(String name) {
        int index = NAMES.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no day; days are Mon, Tue, Wed, Thu, Fri, Sat, Sun, daily");
        }
        return DayOfWeek.of(index + 1);
    }
}
