package org.pgpod.wireproxy.console;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One command of the admin database, as PgBouncer's console has them. */
public sealed interface Command {
    /** Tells which commands there are. */
    record Help() implements Command {}

    /** Prints a table. */
    record Show(Subject subject) implements Command {}

    /** Keeps or lets go a database, or all of them when there is none; some verbs need one. */
    record Act(Verb verb, Optional<String> database) implements Command {}

    /** A setting; those that drivers make by themselves mean nothing here and are taken. */
    record Assign(boolean accepted) implements Command {}

    /** Looks at the files again that may have changed. */
    record Reload() implements Command {}

    /** Not a command. */
    record Unknown() implements Command {}

    /** What {@code SHOW} shows. */
    enum Subject {
        POOLS,
        DATABASES,
        CLIENTS,
        SERVERS,
        STATS,
        STATS_TOTALS,
        STATS_AVERAGES,
        LISTS,
        CONFIG,
        USERS,
        VERSION
    }

    /** What can be done to databases. */
    enum Verb {
        PAUSE,
        RESUME,
        RECONNECT,
        KILL,
        DISABLE,
        ENABLE;

        /** Whether it must be told which database. */
        public boolean needsDatabase() {
            return this == KILL || this == DISABLE || this == ENABLE;
        }
    }

    /** Whether it changes something, so that users who may only look are refused. */
    default boolean needsAdmin() {
        return this instanceof Act || this instanceof Reload;
    }

    /** Reads one; letters count alike, a name in double quotes is taken as it is. */
    static Command parse(String text) {
        Matcher setting = Grammar.SETTING.matcher(text);
        if (setting.matches()) {
            return new Assign(Grammar.OF_DRIVERS.contains(setting.group(1).toLowerCase(Locale.ROOT)));
        }
        Matcher matcher = Grammar.COMMAND.matcher(text);
        if (!matcher.matches()) {
            return new Unknown();
        }
        String word = matcher.group(1).toUpperCase(Locale.ROOT);
        Optional<String> argument = Optional.ofNullable(matcher.group(2)).map(Grammar::name);
        return switch (word) {
            case "SHOW" -> argument.map(Grammar::shown).orElseGet(Unknown::new);
            case "RELOAD" -> argument.isEmpty() ? new Reload() : new Unknown();
            default ->
                constant(Verb.values(), word)
                        .<Command>map(verb -> new Act(verb, argument))
                        .orElseGet(Unknown::new);
        };
    }

    private static <E extends Enum<E>> Optional<E> constant(E[] constants, String name) {
        return Arrays.stream(constants)
                .filter(one -> one.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** The words of a usage line. */
    static List<String> usage() {
        return List.of(
                "SHOW HELP|"
                        + String.join(
                                "|",
                                Arrays.stream(Subject.values()).map(Enum::name).toList()),
                "PAUSE [<db>]",
                "RESUME [<db>]",
                "RECONNECT [<db>]",
                "DISABLE <db>",
                "ENABLE <db>",
                "KILL <db>",
                "RELOAD");
    }

    /** How commands are written. */
    final class Grammar {
        private static final Pattern COMMAND =
                Pattern.compile("\\s*([A-Za-z]+)(?:\\s+(\"(?:[^\"]|\"\")+\"|[^\\s\";]+))?\\s*;?\\s*");

        private static final Pattern SETTING =
                Pattern.compile("\\s*SET\\s+(?:SESSION\\s+)?(\\w+)\\s*(?:=|\\sTO\\s).*", Pattern.CASE_INSENSITIVE);

        private static final Set<String> OF_DRIVERS =
                Set.of("application_name", "client_encoding", "datestyle", "extra_float_digits", "timezone");

        private Grammar() {}

        private static Command shown(String subject) {
            if (subject.equalsIgnoreCase("HELP")) {
                return new Help();
            }
            return constant(Subject.values(), subject).<Command>map(Show::new).orElseGet(Unknown::new);
        }

        private static String name(String written) {
            return written.startsWith("\"")
                    ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
                    : written;
        }
    }
}
