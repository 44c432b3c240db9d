package org.pgpod.haagent.conf;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgpod.haagent.model.ServerCatalog;

/** Whether the running server would take parameters, by what it says of each in {@code pg_settings}. */
public final class ParameterCheck {
    private static final Pattern NUMBER = Pattern.compile(
            "(?<amount>[+-]?(0[xX][0-9a-fA-F]+|[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?|\\.[0-9]+))\\s*(?<unit>[A-Za-z]*)");
    private static final List<String> TRUTHS = List.of("on", "off", "true", "false", "yes", "no", "1", "0");

    /** Bytes in each unit of memory, and milliseconds in each unit of time. */
    private static final Map<String, BigDecimal> MEMORY = Map.of(
            "B", BigDecimal.ONE,
            "kB", new BigDecimal(1L << 10),
            "MB", new BigDecimal(1L << 20),
            "GB", new BigDecimal(1L << 30),
            "TB", new BigDecimal(1L << 40));

    private static final Map<String, BigDecimal> TIME = Map.of(
            "us", new BigDecimal("0.001"),
            "ms", BigDecimal.ONE,
            "s", new BigDecimal(1_000),
            "min", new BigDecimal(60_000),
            "h", new BigDecimal(3_600_000),
            "d", new BigDecimal(86_400_000));

    private static final Pattern BASE = Pattern.compile("(?<times>[0-9]*)(?<unit>[A-Za-z]+)");
    private static final int FRACTION_DIGITS = 6;

    private ParameterCheck() {}

    /** What is wrong, as sentences that name the parameter, its value and what is allowed; empty when nothing is. */
    public static List<String> problems(Map<String, String> wanted, ServerCatalog catalog) {
        List<String> problems = new ArrayList<>();
        wanted.forEach((name, value) -> {
            Optional<ServerCatalog.Parameter> known = catalog.parameter(name);
            if (known.isPresent()) {
                allowed(known.get(), value)
                        .ifPresent(allowed -> problems.add(
                                "postgresql.parameters: " + name + " is '" + value + "'; it must be " + allowed));
            } else if (name.indexOf('.') < 0) {
                // Names with a dot belong to libraries, which may be loaded only with the next start.
                problems.add("postgresql.parameters: this server has no parameter " + name);
            }
        });
        return problems;
    }

    /** What is allowed; empty when the value is. */
    private static Optional<String> allowed(ServerCatalog.Parameter parameter, String value) {
        if (parameter.context().equals("internal")) {
            return Optional.of("left out: nobody can set it");
        }
        return switch (parameter.type()) {
            case "bool" ->
                TRUTHS.contains(value.toLowerCase(Locale.ROOT)) ? Optional.empty() : Optional.of("on or off");
            case "enum" ->
                parameter.words().stream().anyMatch(value::equalsIgnoreCase)
                        ? Optional.empty()
                        : Optional.of("one of " + String.join(", ", parameter.words()));
            case "integer", "real" -> isWithin(parameter, value) ? Optional.empty() : Optional.of(numbers(parameter));
            default ->
                value.chars().anyMatch(letter -> letter < ' ')
                        ? Optional.of("one line without control characters")
                        : Optional.empty();
        };
    }

    private static String numbers(ServerCatalog.Parameter parameter) {
        String kind = parameter.type().equals("integer") ? "a whole number" : "a number";
        String units = unitsOf(parameter)
                .map(table -> " of " + parameter.unit() + ", or with a unit ("
                        + String.join(", ", new java.util.TreeSet<>(table.keySet())) + "),")
                .orElse("");
        return kind + units + " from " + parameter.least() + " to " + parameter.most();
    }

    private static boolean isWithin(ServerCatalog.Parameter parameter, String value) {
        Matcher number = NUMBER.matcher(value.strip());
        if (!number.matches()) {
            return false;
        }
        Optional<BigDecimal> amount = inBaseUnit(parameter, amount(number.group("amount")), number.group("unit"));
        if (amount.isEmpty()) {
            return false;
        }
        boolean integral = parameter.type().equals("integer");
        BigDecimal rounded = integral ? amount.get().setScale(0, java.math.RoundingMode.HALF_EVEN) : amount.get();
        boolean fractionAllowed = !integral
                || !number.group("unit").isEmpty()
                || amount.get().stripTrailingZeros().scale() <= 0;
        return fractionAllowed
                && rounded.compareTo(new BigDecimal(parameter.least())) >= 0
                && rounded.compareTo(new BigDecimal(parameter.most())) <= 0;
    }

    /** As strtol reads it: 0x is hexadecimal, a leading 0 octal. */
    private static BigDecimal amount(String text) {
        String digits = text.replaceFirst("^[+-]", "");
        BigDecimal sign = text.startsWith("-") ? BigDecimal.ONE.negate() : BigDecimal.ONE;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            return sign.multiply(new BigDecimal(new java.math.BigInteger(digits.substring(2), 16)));
        }
        if (digits.matches("0[0-7]+")) {
            return sign.multiply(new BigDecimal(new java.math.BigInteger(digits, 8)));
        }
        return sign.multiply(new BigDecimal(digits.endsWith(".") ? digits + "0" : digits));
    }

    private static Optional<BigDecimal> inBaseUnit(ServerCatalog.Parameter parameter, BigDecimal amount, String unit) {
        if (unit.isEmpty()) {
            return Optional.of(amount);
        }
        Matcher base = BASE.matcher(parameter.unit());
        Optional<Map<String, BigDecimal>> units = unitsOf(parameter);
        if (units.isEmpty() || !units.get().containsKey(unit) || !base.matches()) {
            return Optional.empty();
        }
        BigDecimal times = base.group("times").isEmpty() ? BigDecimal.ONE : new BigDecimal(base.group("times"));
        BigDecimal ofBase =
                units.get().getOrDefault(base.group("unit"), BigDecimal.ONE).multiply(times);
        BigDecimal ofUnit = units.get().getOrDefault(unit, BigDecimal.ONE);
        return Optional.of(amount.multiply(ofUnit).divide(ofBase, FRACTION_DIGITS, java.math.RoundingMode.HALF_EVEN));
    }

    private static Optional<Map<String, BigDecimal>> unitsOf(ServerCatalog.Parameter parameter) {
        Matcher base = BASE.matcher(parameter.unit());
        if (!base.matches()) {
            return Optional.empty();
        }
        return List.of(MEMORY, TIME).stream()
                .filter(units -> units.containsKey(base.group("unit")))
                .findFirst();
    }
}
