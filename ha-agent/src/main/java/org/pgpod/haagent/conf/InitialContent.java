package org.pgpod.haagent.conf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What a new cluster holds before its first client comes in.
 *
 * @param roles made in this order where they are missing
 * @param databases made in this order where they are missing
 * @param scripts each run once, in this order
 * @param passwords the directory with a file for each role that logs in with a password
 */
public record InitialContent(
        List<InitialRole> roles, List<InitialDatabase> databases, List<InitialScript> scripts, Path passwords) {

    private static final int LINES_MAX = 1_000;

    public InitialContent {
        roles = List.copyOf(roles);
        databases = List.copyOf(databases);
        scripts = List.copyOf(scripts);
    }

    public static List<InitialRole> roles(String text) {
        return lines(text, InitialRole::parse);
    }

    public static List<InitialDatabase> databases(String text) {
        return lines(text, InitialDatabase::parse);
    }

    public static List<InitialScript> scripts(String text) {
        return lines(text, InitialScript::parse);
    }

    private static <T> List<T> lines(String text, Function<String, T> parser) {
        List<T> items = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isBlank()) {
                items.add(parser.apply(line));
            }
        }
        if (items.size() > LINES_MAX) {
            throw new IllegalArgumentException("more than " + LINES_MAX + " lines");
        }
        return items;
    }

    public boolean isEmpty() {
        return roles.isEmpty() && databases.isEmpty() && scripts.isEmpty();
    }

    /** What contradicts itself, as sentences; empty when all of it can be made. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        twice("haAgent.bootstrapRoles", roles.stream().map(InitialRole::name).toList(), problems);
        twice(
                "haAgent.bootstrapDatabases",
                databases.stream().map(InitialDatabase::name).toList(),
                problems);
        twice(
                "haAgent.bootstrapSql",
                scripts.stream()
                        .map(script -> script.database() + "=" + script.path())
                        .toList(),
                problems);
        return problems;
    }

    private static void twice(String option, List<String> names, List<String> problems) {
        List<String> seen = new ArrayList<>();
        for (String name : names) {
            if (seen.contains(name)) {
                problems.add(option + ": '" + name + "' is named twice");
            }
            seen.add(name);
        }
    }
}
