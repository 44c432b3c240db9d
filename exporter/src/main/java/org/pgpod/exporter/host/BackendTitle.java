package org.pgpod.exporter.host;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the title of a process of Postgres says of it, in the words of {@code pg_stat_activity}. A session that has not been
 * authenticated has neither database nor user: else whoever reaches the port could make series.
 *
 * @param type {@code backend_type}; background workers of extensions are {@code background worker}
 * @param database empty for a process without one
 * @param user empty for a process without one
 */
record BackendTitle(String type, String database, String user) {
    private static final String START = "postgres: ";
    private static final String POSTMASTER = "postmaster";
    private static final String CLIENT = "client backend";
    private static final String CHECKPOINTER = "checkpointer";
    private static final String AUTOVACUUM = "autovacuum worker";

    /** Processes of the server itself, by the beginning of their titles. */
    private static final List<String> SERVER = List.of(
            CHECKPOINTER,
            "background writer",
            "walwriter",
            "walsummarizer",
            "autovacuum launcher",
            AUTOVACUUM,
            "logical replication launcher",
            "logical replication apply worker",
            "logical replication parallel apply worker",
            "logical replication tablesync worker",
            "logical replication worker",
            "slotsync worker",
            "walsender",
            "walreceiver",
            "startup",
            "archiver",
            "logger",
            "stats collector",
            "parallel worker",
            "io worker");

    private static final List<String> NOT_YET = List.of("authentication", "initializing", "startup");

    /** User, database, the client's host with its port, and what it does. Names may hold spaces, which only blurs them. */
    private static final Pattern SESSION = Pattern.compile("(.+?) (\\S+) (\\[local\\]|\\S+\\(\\d+\\))(?: (.*))?");

    static BackendTitle postmaster() {
        return of(POSTMASTER);
    }

    private static BackendTitle of(String type) {
        return new BackendTitle(type, "", "");
    }

    /** What stands before every title when {@code cluster_name} is set: the title of the checkpointer, less its name. */
    static Optional<String> clusterPrefix(String title) {
        String words = title.strip();
        if (!words.startsWith(START) || !words.endsWith(CHECKPOINTER)) {
            return Optional.empty();
        }
        String prefix = words.substring(START.length(), words.length() - CHECKPOINTER.length());
        return prefix.isEmpty() || prefix.endsWith(": ") ? Optional.of(prefix) : Optional.empty();
    }

    /** What a title means; {@code prefix} is what {@link #clusterPrefix} found. */
    static BackendTitle parse(String title, String prefix) {
        String words = title.strip();
        words = words.startsWith(START) ? words.substring(START.length()) : words;
        words = words.startsWith(prefix) ? words.substring(prefix.length()) : words;
        for (String type : SERVER) {
            if (words.equals(type) || words.startsWith(type + " ")) {
                return type.equals(AUTOVACUUM)
                        ? new BackendTitle(type, words.substring(type.length()).strip(), "")
                        : of(type);
            }
        }
        Matcher session = SESSION.matcher(words);
        if (!session.matches()) {
            return of("background worker");
        }
        return NOT_YET.contains(Optional.ofNullable(session.group(4)).orElse(""))
                ? of(CLIENT)
                : new BackendTitle(CLIENT, session.group(2), session.group(1));
    }

    BackendTitle withoutNames(String standIn) {
        return new BackendTitle(type, standIn, standIn);
    }
}
