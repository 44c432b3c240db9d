package org.pgpod.core.postgres;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The text of a statement without its literals, numbers and comments: what is left may be logged. Lists of literals become
 * one, unquoted words lower case, space single, so that statements that differ in values only have the same text.
 *
 * <p>Where the end of a literal is in doubt, because it depends on settings of the session that a text does not tell
 * ({@code standard_conforming_strings}, {@code client_encoding}) or because it is cut off, all the rest is left out.
 * Names in double quotes are no literals and stay.
 *
 * <p>Source: the manual's chapter "Lexical Structure".
 */
public final class NormalizedSql {
    private static final String LITERAL = "?";
    // Possessive: what gives nothing back needs no stack, however long the list.
    private static final Pattern LIST = Pattern.compile("\\?(?: ?, ?\\?)++");
    private static final Pattern ROWS =
            Pattern.compile("(\\( ?\\?(?:, \\.\\.\\.)? ?\\))(?: ?, ?\\( ?\\?(?:, \\.\\.\\.)? ?\\))++");
    /** Letters that change how the literal behind them is read. */
    private static final Set<String> PREFIXES = Set.of("e", "b", "x", "n", "u&");

    private static final Set<String> CAN_SET_PASSWORDS = Set.of("alter", "create");
    private static final long FINGERPRINT_BASIS = 0xcbf29ce484222325L;
    private static final long FINGERPRINT_PRIME = 0x100000001b3L;

    private final String sql;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private boolean spaced;
    private boolean ended;
    private String firstWord = "";
    private boolean passwordFollows;

    private NormalizedSql(String sql) {
        this.sql = sql;
    }

    /** What may be told of this text, which may be the beginning of a longer one. */
    public static String of(String text) {
        return new NormalizedSql(text).normalize();
    }

    /** The same for all statements with the same normalized text, in this and every other version of pgpod. */
    public static String fingerprint(String normalized) {
        long hash = FINGERPRINT_BASIS;
        for (int i = 0; i < normalized.length(); i++) {
            hash = (hash ^ normalized.charAt(i)) * FINGERPRINT_PRIME;
        }
        return String.format("%016x", hash);
    }

    private String normalize() {
        while (at < sql.length() && !ended) {
            token();
        }
        String flat = LIST.matcher(out).replaceAll("?, ...");
        return ROWS.matcher(flat).replaceAll("$1, ...");
    }

    private void token() {
        char next = sql.charAt(at);
        if (Character.isWhitespace(next)) {
            spaced = true;
            at++;
        } else if (sql.startsWith("--", at)) {
            lineComment();
        } else if (sql.startsWith("/*", at)) {
            blockComment();
        } else if (next == '\'') {
            literal();
        } else if (next == '"') {
            quotedName();
        } else if (next == '$') {
            dollar();
        } else if (isDigit(next) || (next == '.' && at + 1 < sql.length() && isDigit(sql.charAt(at + 1)))) {
            number();
        } else if (isWordStart(next)) {
            word();
        } else {
            emit(String.valueOf(next));
            at++;
        }
    }

    private void emit(String token) {
        if (spaced && !out.isEmpty()) {
            out.append(' ');
        }
        spaced = false;
        out.append(token);
    }

    /** Leaves out everything from here on. */
    private void giveUp() {
        emit(LITERAL);
        ended = true;
    }

    private void lineComment() {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end;
        spaced = true;
    }

    private void blockComment() {
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
        spaced = true;
        if (depth > 0) {
            ended = true;
        }
    }

    private void literal() {
        int end = at + 1;
        while (true) {
            end = sql.indexOf('\'', end);
            if (end < 0 || sql.charAt(end - 1) == '\\') {
                // It may have been the end or not.
                giveUp();
                return;
            }
            if (end + 1 >= sql.length() || sql.charAt(end + 1) != '\'') {
                break;
            }
            end += 2;
        }
        at = end + 1;
        emit(LITERAL);
        passwordFollows = false;
    }

    private void quotedName() {
        int end = at + 1;
        while (true) {
            end = sql.indexOf('"', end);
            if (end < 0) {
                giveUp();
                return;
            }
            if (end + 1 >= sql.length() || sql.charAt(end + 1) != '"') {
                break;
            }
            end += 2;
        }
        String name = sql.substring(at, end + 1);
        at = end + 1;
        // Other databases take this for a text, and so may who wrote it.
        emit(passwordFollows ? LITERAL : name);
        passwordFollows = false;
    }

    private void dollar() {
        int end = at + 1;
        if (end < sql.length() && isDigit(sql.charAt(end))) {
            while (end < sql.length() && isDigit(sql.charAt(end))) {
                end++;
            }
            emit(sql.substring(at, end));
            at = end;
            return;
        }
        while (end < sql.length() && isWordPart(sql.charAt(end)) && sql.charAt(end) != '$') {
            end++;
        }
        if (end >= sql.length()) {
            giveUp();
        } else if (sql.charAt(end) == '$') {
            String tag = sql.substring(at, end + 1);
            int close = sql.indexOf(tag, end + 1);
            if (close < 0) {
                giveUp();
            } else {
                emit(LITERAL);
                at = close + tag.length();
            }
        } else {
            emit("$");
            at++;
        }
    }

    private void number() {
        while (at < sql.length() && (isWordPart(sql.charAt(at)) || sql.charAt(at) == '.' || isExponentSign())) {
            at++;
        }
        emit(LITERAL);
        passwordFollows = false;
    }

    private boolean isExponentSign() {
        char sign = sql.charAt(at);
        char before = sql.charAt(at - 1);
        return (sign == '+' || sign == '-') && (before == 'e' || before == 'E');
    }

    private void word() {
        int end = at;
        while (end < sql.length() && isWordPart(sql.charAt(end))) {
            end++;
        }
        String word = sql.substring(at, end).toLowerCase(Locale.ROOT);
        if (word.equals("u") && sql.startsWith("&'", end)) {
            word = "u&";
            end++;
        }
        at = end;
        if (PREFIXES.contains(word) && end < sql.length() && sql.charAt(end) == '\'') {
            return;
        }
        emit(passwordFollows && !word.equals("null") ? LITERAL : word);
        if (firstWord.isEmpty()) {
            firstWord = word;
        }
        passwordFollows = word.equals("password") && CAN_SET_PASSWORDS.contains(firstWord);
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static boolean isWordStart(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || character == '_'
                || character > 127;
    }

    private static boolean isWordPart(char character) {
        return isWordStart(character) || isDigit(character) || character == '$';
    }
}
