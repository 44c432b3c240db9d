package org.pgpod.wireproxy.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which names of a certificate may be which roles, written as in Postgres's pg_ident.conf: {@code map-name system-user
 * database-user}; a system user that begins with a slash is a regular expression, and {@code \1} in the database user is what
 * its first group matched.
 */
public final class IdentMap {
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^\\s\"#]+)");
    private static final int WORDS = 3;

    /** Regular expressions of a certificate's names are matched before anybody has logged in. */
    private static final int NAME_CHARS_MAX = 256;

    private record Line(Pattern names, boolean isExpression, String role) {
        boolean admits(String name, String wanted) {
            Matcher matcher = names.matcher(name);
            if (!isExpression) {
                return matcher.matches() && role.equals(wanted);
            }
            if (!matcher.find()) {
                return false;
            }
            String first = matcher.groupCount() == 0 || matcher.group(1) == null ? "" : matcher.group(1);
            return role.replace("\\1", first).equals(wanted);
        }
    }

    private final List<Line> lines;

    private IdentMap(List<Line> lines) {
        this.lines = List.copyOf(lines);
    }

    /** The lines of the map with this name; an {@link IllegalArgumentException} names the first line that is wrong. */
    public static IdentMap parse(String text, String mapName) {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            List<String> words = words(line, number);
            if (!words.isEmpty() && words.getFirst().equals(mapName)) {
                lines.add(line(words, number));
            }
        }
        return new IdentMap(lines);
    }

    private static List<String> words(String line, int number) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        int at = 0;
        while (at < line.length() && line.charAt(at) != '#') {
            if (Character.isWhitespace(line.charAt(at))) {
                at++;
            } else if (matcher.find(at) && matcher.start() == at) {
                words.add(matcher.group(2) == null ? matcher.group(1).replace("\"\"", "\"") : matcher.group(2));
                at = matcher.end();
            } else {
                throw new IllegalArgumentException("line " + number + " has a quote that does not end");
            }
        }
        if (!words.isEmpty() && words.size() != WORDS) {
            throw new IllegalArgumentException("line " + number + " has " + words.size()
                    + " words; a map name, a name of a certificate and a role are needed");
        }
        return words;
    }

    private static Line line(List<String> words, int number) {
        String names = words.get(1);
        boolean isExpression = names.startsWith("/");
        try {
            Pattern pattern =
                    isExpression ? Pattern.compile(names.substring(1)) : Pattern.compile(Pattern.quote(names));
            if (isExpression
                    && words.get(2).contains("\\1")
                    && pattern.matcher("").groupCount() == 0) {
                throw new IllegalArgumentException(
                        "line " + number + " uses \\1, but its regular expression has no group");
            }
            return new Line(pattern, isExpression, words.get(2));
        } catch (PatternSyntaxException wrong) {
            throw new IllegalArgumentException(
                    "line " + number + " has a regular expression that is none: " + wrong.getDescription(), wrong);
        }
    }

    /** Whether one of these names may be this role. */
    public boolean admits(List<String> names, String role) {
        for (String name : names) {
            for (Line line : lines) {
                if (name.length() <= NAME_CHARS_MAX && line.admits(name, role)) {
                    return true;
                }
            }
        }
        return false;
    }
}
