package org.pgpod.core.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of options that sections are declared with. An option without a default must be set. */
public final class Options {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|min|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|kB|KiB|MB|MiB|GB|GiB)?");
    private static final int PORT_MAX = 65_535;

    private Options() {}

    /** Any text that is not blank. */
    public static Option<String> text(String key, String description) {
        return of(key, "a text that is not empty", description, text -> {
            if (text.isBlank()) {
                throw new IllegalArgumentException("empty");
            }
            return text;
        });
    }

    /** A text, where empty (the default) means that it is not set. */
    public static Option<Optional<String>> optionalText(String key, String description) {
        Option<Optional<String>> option = of(
                key,
                "a text, or empty for none",
                description,
                text -> text.isBlank() ? Optional.empty() : Optional.of(text));
        return option.withDefault("");
    }

    public static Option<Path> path(String key, String description) {
        return of(key, "an absolute path", description, Options::absolutePath);
    }

    /** A path, where empty (the default) means that it is not set. */
    public static Option<Optional<Path>> optionalPath(String key, String description) {
        Option<Optional<Path>> option = of(
                key,
                "an absolute path, or empty for none",
                description,
                text -> text.isBlank() ? Optional.empty() : Optional.of(absolutePath(text)));
        return option.withDefault("");
    }

    private static Path absolutePath(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("relative");
        }
        return path;
    }

    /** A whole number within the bounds, both included. */
    public static Option<Integer> number(String key, int least, int most, String description) {
        return of(key, "a whole number from " + least + " to " + most, description, text -> {
            int number = Integer.parseInt(text);
            if (number < least || number > most) {
                throw new IllegalArgumentException("out of bounds");
            }
            return number;
        });
    }

    public static Option<Integer> port(String key, int standard, String description) {
        return number(key, 1, PORT_MAX, description).withDefault(Integer.toString(standard));
    }

    /** {@code true} or {@code false}. */
    public static Option<Boolean> flag(String key, String description) {
        return of(key, "true or false", description, text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither");
        });
    }

    /** A duration with its unit, within the bounds, both included. */
    public static Option<Duration> duration(String key, Duration least, Duration most, String description) {
        String allowed = "a duration with its unit (ms, s, min, h, d) from " + show(least) + " to " + show(most);
        return of(key, allowed, description, text -> {
            Duration duration = parseDuration(text);
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new IllegalArgumentException("out of bounds");
            }
            return duration;
        });
    }

    /** A number of bytes, with or without a unit. */
    public static Option<Long> bytes(String key, long least, long most, String description) {
        String allowed = "a size (B, kB, KiB, MB, MiB, GB, GiB) from " + least + "B to " + most + "B";
        return of(key, allowed, description, text -> {
            long bytes = parseBytes(text);
            if (bytes < least || bytes > most) {
                throw new IllegalArgumentException("out of bounds");
            }
            return bytes;
        });
    }

    /** One of an enum's values, in lower case with dashes. */
    public static <E extends Enum<E>> Option<E> choice(String key, Class<E> type, String description) {
        Function<E, String> name =
                value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-');
        List<String> names = Arrays.stream(type.getEnumConstants()).map(name).toList();
        return of(key, "one of " + String.join(", ", names), description, text -> {
            int index = names.indexOf(text);
            if (index < 0) {
                throw new IllegalArgumentException("not one of them");
            }
            return type.getEnumConstants()[index];
        });
    }

    /** A YAML list of texts, or one text with commas; empty by default. */
    public static Option<List<String>> list(String key, String description) {
        Option<List<String>> option = of(key, "a list of texts", description, text -> {
            List<String> items = new ArrayList<>();
            for (String item : text.split("[,\n]", -1)) {
                if (!item.isBlank()) {
                    items.add(item.strip());
                }
            }
            return List.copyOf(items);
        });
        return option.withDefault("");
    }

    public static <T> Option<T> of(String key, String allowed, String description, Option.Parser<T> parser) {
        return new Option<>(key, allowed, Optional.empty(), description, parser);
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no unit");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "min" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static long parseBytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        long factor = switch (unit) {
            case "kB" -> 1_000L;
            case "KiB" -> 1_024L;
            case "MB" -> 1_000_000L;
            case "MiB" -> 1_048_576L;
            case "GB" -> 1_000_000_000L;
            case "GiB" -> 1_073_741_824L;
            default -> 1L;
        };
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
    }

    static String show(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
}
