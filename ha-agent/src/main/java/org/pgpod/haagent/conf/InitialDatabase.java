package org.pgpod.haagent.conf;

import java.util.List;
import java.util.Optional;

/**
 * A database that a new cluster is to have, as one line says it: {@code NAME WORD…}. Words are {@code owner=ROLE}, {@code
 * template=DATABASE}, {@code encoding=NAME} and {@code locale=NAME}.
 */
public record InitialDatabase(
        String name,
        Optional<String> owner,
        Optional<String> template,
        Optional<String> encoding,
        Optional<String> locale) {

    /** What {@link #parse} takes, for people. */
    public static final String ALLOWED =
            "a list of databases, one a line: NAME, then any of owner=ROLE template=DATABASE encoding=NAME locale=NAME";

    /** Reads one line; {@link IllegalArgumentException} if it is no such line. */
    static InitialDatabase parse(String line) {
        List<String> words = List.of(line.strip().split("\\s+", -1));
        Optional<String> owner = Optional.empty();
        Optional<String> template = Optional.empty();
        Optional<String> encoding = Optional.empty();
        Optional<String> locale = Optional.empty();
        for (String word : words.subList(1, words.size())) {
            int equals = word.indexOf('=');
            String key = word.substring(0, Math.max(0, equals));
            String value = word.substring(equals + 1);
            switch (key) {
                case "owner" -> owner = Optional.of(SqlName.checked(value));
                case "template" -> template = Optional.of(SqlName.checked(value));
                case "encoding" -> encoding = Optional.of(word(value));
                case "locale" -> locale = Optional.of(word(value));
                default -> throw new IllegalArgumentException("'" + word + "' is no word of a database");
            }
        }
        return new InitialDatabase(SqlName.checked(words.getFirst()), owner, template, encoding, locale);
    }

    private static String word(String value) {
        if (!value.matches("[A-Za-z0-9._@-]{1,63}")) {
            throw new IllegalArgumentException("'" + value + "' names no encoding or locale");
        }
        return value;
    }
}
