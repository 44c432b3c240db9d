package org.pgpod.exporter.model;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Patterns for names as a shell has them: {@code *} stands for any text, {@code ?} for one character. */
public record NamePatterns(List<String> patterns) {
    /** Matches every name. */
    public static final NamePatterns ALL = new NamePatterns(List.of("*"));

    /** Matches no name. */
    public static final NamePatterns NONE = new NamePatterns(List.of());

    private static final Pattern WILDCARD = Pattern.compile("[*?]|[^*?]+");

    public NamePatterns {
        patterns = List.copyOf(patterns);
    }

    /** Whether one of the patterns fits the whole name. */
    public boolean match(String name) {
        return patterns.stream()
                .anyMatch(pattern -> regex(pattern).matcher(name).matches());
    }

    private static Pattern regex(String pattern) {
        String regex = WILDCARD.matcher(pattern).replaceAll(part -> switch (part.group()) {
            case "*" -> ".*";
            case "?" -> ".";
            default -> Matcher.quoteReplacement(Pattern.quote(part.group()));
        });
        return Pattern.compile(regex, Pattern.DOTALL);
    }
}
