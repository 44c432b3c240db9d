package org.pgpod.image.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PromQL expression reads: metrics, each with the labels that its selector names, and labels that the expression
 * groups or joins by. An expression that is not understood is refused, so that nothing it uses can go unseen.
 */
public record MetricUses(List<Selector> selectors, Set<String> groupings) {
    private static final Pattern TOKEN = Pattern.compile("\\s+"
            + "|(?<string>\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*')"
            + "|(?<number>\\d[\\w.+]*)"
            + "|(?<variable>\\$\\w+|\\$\\{[^}]*\\})"
            + "|(?<name>[a-zA-Z_:][\\w:]*)"
            + "|(?<sign>=~|!~|!=|==|<=|>=|[-+*/%^(){}\\[\\],:=<>@])");
    private static final Set<String> WITH_LABELS =
            Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "offset", "bool", "inf", "nan", "atan2");

    public MetricUses {
        selectors = List.copyOf(selectors);
        groupings = Set.copyOf(groupings);
    }

    /** A metric, and the labels that are asked of it. */
    public record Selector(String metric, Set<String> labels) {
        public Selector {
            labels = Set.copyOf(labels);
        }
    }

    /** Reads an expression; throws {@link IllegalArgumentException} when a part of it is not understood. */
    public static MetricUses of(String expression) {
        return new Reader(tokens(expression)).read();
    }

    private static List<String> tokens(String expression) {
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(expression);
        int at = 0;
        while (at < expression.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new IllegalArgumentException("not understood at character " + at + ": " + expression);
            }
            if (!matcher.group().isBlank()) {
                tokens.add(matcher.group());
            }
            at = matcher.end();
        }
        return tokens;
    }

    private static final class Reader {
        private final List<String> tokens;
        private final List<Selector> selectors = new ArrayList<>();
        private final Set<String> groupings = new TreeSet<>();
        private int at;

        Reader(List<String> tokens) {
            this.tokens = tokens;
        }

        MetricUses read() {
            while (at < tokens.size()) {
                String token = tokens.get(at++);
                if (token.equals("{")) {
                    throw new IllegalArgumentException("a selector without a metric's name");
                }
                if (!isName(token) || WORDS.contains(token)) {
                    continue;
                }
                if (WITH_LABELS.contains(token)) {
                    labels(next("("), ")").forEach(groupings::add);
                } else if (!isFollowedAsFunction()) {
                    selectors.add(new Selector(token, next("{") ? labels(true, "}") : Set.of()));
                }
            }
            return new MetricUses(selectors, groupings);
        }

        private static boolean isName(String token) {
            return token.matches("[a-zA-Z_:][\\w:]*");
        }

        private boolean isFollowedAsFunction() {
            return next("(") || next("by") || next("without");
        }

        private boolean next(String sign) {
            return at < tokens.size() && tokens.get(at).equals(sign);
        }

        /** The names between the sign that comes next and the one that ends it. */
        private Set<String> labels(boolean begun, String end) {
            Set<String> labels = new TreeSet<>();
            while (begun && !next(end)) {
                if (at >= tokens.size()) {
                    throw new IllegalArgumentException("labels without an end");
                }
                String token = tokens.get(at++);
                if (isName(token)) {
                    labels.add(token);
                }
            }
            return labels;
        }
    }
}
