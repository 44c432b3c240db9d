package org.pgpod.haagent.api;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The limit in {@code ?lag=}, as Patroni reads it: bytes, or a number with one of Postgres's units such as 16MB. */
record LagLimit(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})(B|kB|KB|MB|GB|TB)?");
    private static final long STEP = 1_024;

    /** Empty for a text that is no such limit. */
    static Optional<LagLimit> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        long factor = switch (unit) {
            case "kB", "KB" -> STEP;
            case "MB" -> STEP * STEP;
            case "GB" -> STEP * STEP * STEP;
            case "TB" -> STEP * STEP * STEP * STEP;
            default -> 1;
        };
        return Optional.of(new LagLimit(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor)));
    }

    boolean allows(Optional<Long> lagBytes) {
        return lagBytes.filter(lag -> lag <= bytes).isPresent();
    }
}
