package org.pgpod.haagent.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A role that a new cluster is to have, as one line says it: {@code NAME WORD…}. Words are {@code nologin}, {@code
 * nopassword}, the attributes of CREATE ROLE that need no value, {@code connections=N} and {@code memberOf=ROLE,…}.
 *
 * @param attributes in SQL, without the password
 * @param memberOf roles it becomes a member of
 * @param password whether it logs in with the password in the file of its name
 */
public record InitialRole(String name, List<String> attributes, List<String> memberOf, boolean password) {
    private static final String NO_LOGIN = "nologin";
    private static final String NO_PASSWORD = "nopassword";
    private static final String CONNECTIONS = "connections=";
    private static final String MEMBER_OF = "memberOf=";
    private static final int CONNECTIONS_MAX = 100_000;
    private static final Set<String> PLAIN =
            Set.of("login", "superuser", "createdb", "createrole", "replication", "bypassrls", "noinherit");

    /** What {@link #parse} takes, for people. */
    public static final String ALLOWED =
            "a list of roles, one a line: NAME, then any of login nologin nopassword superuser createdb createrole"
                    + " replication bypassrls noinherit connections=N memberOf=ROLE,ROLE";

    public InitialRole {
        attributes = List.copyOf(attributes);
        memberOf = List.copyOf(memberOf);
    }

    /** Reads one line; {@link IllegalArgumentException} if it is no such line. */
    static InitialRole parse(String line) {
        List<String> words = List.of(line.strip().split("\\s+", -1));
        String name = SqlName.checked(words.getFirst());
        if (SqlName.isReserved(name)) {
            throw new IllegalArgumentException("the role " + name + " is Postgres's or pgpod's own");
        }
        boolean login = !words.contains(NO_LOGIN);
        boolean password = login && !words.contains(NO_PASSWORD);
        List<String> attributes = new ArrayList<>(List.of(login ? "login" : NO_LOGIN));
        List<String> memberOf = new ArrayList<>();
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith(CONNECTIONS)) {
                int limit = Integer.parseInt(word.substring(CONNECTIONS.length()));
                if (limit < 0 || limit > CONNECTIONS_MAX) {
                    throw new IllegalArgumentException("connections is from 0 to " + CONNECTIONS_MAX);
                }
                attributes.add("connection limit " + limit);
            } else if (word.startsWith(MEMBER_OF)) {
                for (String group : word.substring(MEMBER_OF.length()).split(",", -1)) {
                    memberOf.add(SqlName.checked(group));
                }
            } else if (PLAIN.contains(word)) {
                attributes.add(word.toLowerCase(Locale.ROOT));
            } else if (!word.equals(NO_LOGIN) && !word.equals(NO_PASSWORD)) {
                throw new IllegalArgumentException("'" + word + "' is no word of a role");
            }
        }
        if (!login && (words.contains("login") || words.contains(NO_PASSWORD))) {
            throw new IllegalArgumentException("nologin contradicts login and nopassword");
        }
        return new InitialRole(name, attributes.stream().distinct().toList(), memberOf, password);
    }
}
