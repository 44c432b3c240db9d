package org.pgpod.wireproxy.protocol;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The trace that a statement belongs to, as the client says in a comment at its very end or beginning, where no literal
 * can be taken for one.
 *
 * <p>Sources: the W3C's "Trace Context" and the sqlcommenter specification.
 *
 * @param traceId 32 hexadecimal digits, not all zero
 * @param spanId 16 hexadecimal digits, not all zero
 * @param sampled whether the client records this trace
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
    private static final Pattern KEY = Pattern.compile(
            "(?:^|[,\\s])traceparent\\s*=\\s*'([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:'|-)");
    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_SPAN = "0".repeat(16);
    private static final String FORBIDDEN_VERSION = "ff";
    private static final int SAMPLED = 1;
    private static final int HEX = 16;

    public static Optional<TraceParent> of(SqlText text) {
        Optional<TraceParent> last = atEnd(text.isCut() ? text.tailText() : text.headText());
        return last.isPresent() ? last : atBeginning(text.headText());
    }

    private static Optional<TraceParent> atEnd(String sql) {
        int end = sql.length();
        while (end > 0 && (Character.isWhitespace(sql.charAt(end - 1)) || sql.charAt(end - 1) == ';')) {
            end--;
        }
        if (!sql.startsWith("*/", end - 2)) {
            return Optional.empty();
        }
        int begin = sql.lastIndexOf("/*", end - 2);
        return begin < 0 || begin + 2 > end - 2 ? Optional.empty() : in(sql.substring(begin + 2, end - 2));
    }

    private static Optional<TraceParent> atBeginning(String sql) {
        String stripped = sql.stripLeading();
        int end = stripped.indexOf("*/");
        return stripped.startsWith("/*") && end >= 2 ? in(stripped.substring(2, end)) : Optional.empty();
    }

    private static Optional<TraceParent> in(String comment) {
        Matcher found = KEY.matcher(comment);
        if (!found.find()
                || found.group(1).equals(FORBIDDEN_VERSION)
                || found.group(2).equals(NO_TRACE)
                || found.group(3).equals(NO_SPAN)) {
            return Optional.empty();
        }
        boolean sampled = (Integer.parseInt(found.group(4), HEX) & SAMPLED) != 0;
        return Optional.of(new TraceParent(found.group(2), found.group(3), sampled));
    }
}
