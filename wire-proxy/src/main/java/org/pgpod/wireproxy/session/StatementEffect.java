package org.pgpod.wireproxy.session;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a statement's text says that it does to the session beyond its transaction. */
public enum StatementEffect {
    /** Nothing that its text would show. */
    NONE,
    /** It sets what ends with the transaction, or what Postgres reports to the client. */
    TRACKED_SETTING,
    /** It leaves something in the session that only this client may find. */
    STATE;

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|--[^\n]*", Pattern.DOTALL);
    private static final Pattern TEMPORARY =
            Pattern.compile("\\b(create|replace|into)\\s+(local\\s+|global\\s+)?temp(orary)?\\b|\\bpg_temp");
    private static final Pattern ADVISORY_LOCK = Pattern.compile("advisory_lock");
    private static final Pattern HOLD = Pattern.compile("\\bwith\\s+hold\\b");
    private static final Pattern SET_CONFIG = Pattern.compile("set_config\\s*\\(");
    private static final Pattern SET_CONFIG_LOCAL = Pattern.compile(
            "set_config\\s*\\(\\s*('[^']*'|\\$\\d+)[^,()]*,\\s*('[^']*'|\\$\\d+)[^,()]*,\\s*(true|'t'|'true')\\s*\\)");
    private static final Pattern SET = Pattern.compile("(?:^|;)\\s*set\\s+(?:session\\s+)?(\\w+)");

    private static final Set<String> TRANSACTION_WORDS = Set.of("local", "transaction", "constraints");
    private static final Set<String> REPORTED_WORDS = Set.of(
            "client_encoding",
            "names",
            "datestyle",
            "timezone",
            "time",
            "intervalstyle",
            "standard_conforming_strings",
            "application_name");

    /** Reads the text as its words stand there; what a function does that it calls cannot be seen. */
    public static StatementEffect of(String sql) {
        if (!mentionsAny(sql)) {
            return NONE;
        }
        String text = COMMENT.matcher(sql).replaceAll(" ").toLowerCase(Locale.ROOT);
        boolean state = HOLD.matcher(text).find()
                || TEMPORARY.matcher(text).find()
                || ADVISORY_LOCK.matcher(text).find()
                || SET_CONFIG
                        .matcher(SET_CONFIG_LOCAL.matcher(text).replaceAll(""))
                        .find();
        if (state) {
            return STATE;
        }
        StatementEffect effect = NONE;
        Matcher set = SET.matcher(text);
        while (set.find()) {
            String word = set.group(1);
            if (!TRANSACTION_WORDS.contains(word) && !REPORTED_WORDS.contains(word)) {
                return STATE;
            }
            effect = TRACKED_SETTING;
        }
        return effect;
    }

    /** Whether a word occurs without which every statement is harmless: most have none, and are looked through once. */
    private static boolean mentionsAny(String sql) {
        for (int i = 0; i < sql.length(); i++) {
            String word = switch (sql.charAt(i)) {
                case 't', 'T' -> "temp";
                case 's', 'S' -> "set";
                case 'a', 'A' -> "advisory_lock";
                case 'h', 'H' -> "hold";
                default -> "";
            };
            if (!word.isEmpty() && sql.regionMatches(true, i, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }
}
