package org.pgpod.exporter.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Major versions of Postgres from {@code least} to {@code most}, both included; written {@code 13-16}, {@code 17+} or {@code 15}. */
public record VersionRange(int least, int most) {
    public static final VersionRange ALL = new VersionRange(0, Integer.MAX_VALUE);

    /** What the texts of ranges look like, for error messages. */
    public static final String ALLOWED = "major versions such as 13-16, 17+ or 15";

    private static final Pattern TEXT = Pattern.compile("(\\d{1,3})(\\+|-(\\d{1,3}))?");

    public VersionRange {
        if (least > most) {
            throw new IllegalArgumentException("the range " + least + "-" + most + " is empty");
        }
    }

    /** Reads a range; throws {@link IllegalArgumentException} when the text is none. */
    public static VersionRange parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a range of versions");
        }
        int least = Integer.parseInt(matcher.group(1));
        String end = matcher.group(2);
        if (end == null) {
            return new VersionRange(least, least);
        }
        return new VersionRange(least, end.equals("+") ? Integer.MAX_VALUE : Integer.parseInt(matcher.group(3)));
    }

    public boolean contains(int major) {
        return least <= major && major <= most;
    }

    public boolean overlaps(VersionRange other) {
        return least <= other.most && other.least <= most;
    }

    @Override
    public String toString() {
        if (equals(ALL)) {
            return "all";
        }
        if (least == most) {
            return Integer.toString(least);
        }
        return most == Integer.MAX_VALUE ? least + "+" : least + "-" + most;
    }
}
