package org.pgpod.logshipper.search;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people say them: so long ago, a date, or a date and time, in UTC unless a zone is given. */
public final class LogTimes {
    private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

    private static final List<Function<String, Instant>> FORMS = List.of(
            Instant::parse,
            text -> OffsetDateTime.parse(text).toInstant(),
            text -> LocalDateTime.parse(text).toInstant(ZoneOffset.UTC),
            text -> LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());

    private LogTimes() {}

    /** The time that is meant; otherwise the error says what is allowed. */
    public static Instant parse(String text, Instant now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return now.minus(unit(ago.group(2)).multipliedBy(Long.parseLong(ago.group(1))));
        }
        String standard = text.replaceFirst("^(\\d{4}-\\d{2}-\\d{2}) ", "$1T");
        return FORMS.stream()
                .flatMap(form -> parse(form, standard).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the time is '" + text
                        + "'; it must be so long ago, as 90s, 15m, 2h or 3d, or a date, as 2026-11-21, or a time, as"
                        + " 2026-11-21T10:00:00Z; without a zone it is UTC"));
    }

    private static Optional<Instant> parse(Function<String, Instant> form, String text) {
        try {
            return Optional.of(form.apply(text));
        } catch (DateTimeParseException another) {
            return Optional.empty();
        }
    }

    private static Duration unit(String letter) {
        return switch (letter) {
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
        };
    }
}
