package org.pgpod.exporter.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.model.VersionRange;

/**
 * Ranges of server versions as {@code runonserver} has them, such as {@code >=13.0.0 <17.0.0 || >=18.x}. Only those that
 * begin and end with a major version are understood, for queries differ between major versions alone.
 */
final class SemanticRanges {
    /** What the texts look like, for error messages. */
    static final String ALLOWED =
            "comparisons with major versions such as >=13.0.0, <17.0.0 or 15.x, several of which must all hold, or ranges"
                    + " of them between ||";

    private static final Pattern COMPARISON =
            Pattern.compile("(>=|<=|==|=|>|<)?\\s*(\\d{1,3})(?:\\.(\\d+|x))?(?:\\.(\\d+|x))?");

    private static final int FIRST_OF_ONE_NUMBER = 10;

    private SemanticRanges() {}

    /** Reads ranges; throws {@link IllegalArgumentException} when the text is none. */
    static List<VersionRange> parse(String text) {
        List<VersionRange> ranges = new ArrayList<>();
        for (String range : text.split("\\|\\|", -1)) {
            ranges.add(range(range.strip()));
        }
        return ranges;
    }

    private static VersionRange range(String text) {
        int least = VersionRange.ALL.least();
        int most = VersionRange.ALL.most();
        Matcher matcher = COMPARISON.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!matcher.find(at) || !text.substring(at, matcher.start()).isBlank()) {
                throw new IllegalArgumentException("not a comparison: " + text.substring(at));
            }
            VersionRange one = comparison(matcher);
            least = Math.max(least, one.least());
            most = Math.min(most, one.most());
            at = matcher.end();
        }
        if (at == 0) {
            throw new IllegalArgumentException("no comparison");
        }
        return new VersionRange(least, most);
    }

    private static VersionRange comparison(Matcher matcher) {
        int major = Integer.parseInt(matcher.group(2));
        // Below 10 the first two numbers made a major version; no server that is still in use is on either side of
        // them.
        boolean whole = "x".equals(matcher.group(3)) || major < FIRST_OF_ONE_NUMBER;
        boolean first = zero(matcher.group(3)) && zero(matcher.group(4));
        String operator = matcher.group(1) == null ? "=" : matcher.group(1);
        return switch (operator) {
            case ">=" -> from(major, whole || first);
            case "<" -> to(major - 1, whole || first);
            case ">" -> from(major + 1, whole);
            case "<=" -> to(major, whole);
            default -> new VersionRange(require(major, whole), major);
        };
    }

    private static boolean zero(@Nullable String part) {
        return part == null || part.matches("0+");
    }

    private static VersionRange from(int major, boolean understood) {
        return new VersionRange(require(major, understood), VersionRange.ALL.most());
    }

    private static VersionRange to(int major, boolean understood) {
        return new VersionRange(VersionRange.ALL.least(), require(major, understood));
    }

    private static int require(int major, boolean understood) {
        if (!understood) {
            throw new IllegalArgumentException("a part of a major version");
        }
        return major;
    }
}
