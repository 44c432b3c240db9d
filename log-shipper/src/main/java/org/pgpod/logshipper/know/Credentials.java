package org.pgpod.logshipper.know;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds passwords and other credentials in free text and takes them out: what follows a name such as {@code password} after
 * {@code =}, {@code :} or as a quoted text, passwords in URLs, stored verifiers, private keys, HTTP credentials. Where the
 * end of a credential is in doubt, more is taken out rather than less.
 */
final class Credentials {
    /** What stands in place of what was taken out. */
    static final String REDACTED = "[redacted]";

    /** Every credential has one of these in it or before it; all are ASCII in lower case. */
    private static final List<String> TRIGGERS = List.of(
            "passw",
            "passphrase",
            "pwd",
            "secret",
            "_token",
            "authtoken",
            "api_key",
            "apikey",
            "credential",
            "://",
            "scram-sha-256$",
            "md5",
            "private key",
            "bearer ",
            "basic ");

    private static final String AUTHORITY = "://";
    private static final Pattern NAME = Pattern.compile(
            "(?:passw(?:or)?d|passphrase|pwd|secret|_token|authtoken|api_?key|credential)[\\w.-]*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern VERIFIER =
            Pattern.compile("SCRAM-SHA-256\\$[^\\s'\"]+|\\bmd5[0-9a-f]{32}\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern PRIVATE_KEY = Pattern.compile(
            "-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\\z)", Pattern.DOTALL);
    private static final Pattern HTTP =
            Pattern.compile("\\b(bearer|basic) +[A-Za-z0-9._~+/=-]{6,}", Pattern.CASE_INSENSITIVE);
    private static final Pattern SETS_PASSWORD = Pattern.compile("\\b(?:create|alter)\\b", Pattern.CASE_INSENSITIVE);

    /** The triggers by their first two letters: nearly every pair of letters of a text has none. */
    private final byte[][][] byPair = new byte[1 << 14][][];

    Credentials() {
        for (String trigger : TRIGGERS) {
            byte[] bytes = trigger.getBytes(StandardCharsets.US_ASCII);
            int pair = pair(bytes[0], bytes[1]);
            List<byte[]> there = new ArrayList<>(byPair[pair] == null ? List.of() : List.of(byPair[pair]));
            there.add(bytes);
            byPair[pair] = there.toArray(byte[][]::new);
        }
    }

    /** Whether there may be a credential in the bytes from {@code from} to {@code to}; false is certain. */
    boolean suspected(byte[] bytes, int from, int to) {
        for (int at = from; at < to - 1; at++) {
            if (bytes[at] >= 0 && bytes[at + 1] >= 0) {
                byte[][] triggers = byPair[pair(bytes[at], bytes[at + 1])];
                if (triggers != null && begins(triggers, bytes, at, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    boolean suspected(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return suspected(bytes, 0, bytes.length);
    }

    private static int pair(byte first, byte second) {
        return lower(first) << 7 | lower(second);
    }

    private static int lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
    }

    private static boolean begins(byte[][] triggers, byte[] bytes, int at, int to) {
        for (byte[] trigger : triggers) {
            int matched = 0;
            while (matched < trigger.length && at + matched < to && lower(bytes[at + matched]) == trigger[matched]) {
                matched++;
            }
            // A text may have been cut in the middle of a trigger: too short to hold a credential behind it.
            if (matched == trigger.length) {
                return true;
            }
        }
        return false;
    }

    /** The text without its credentials. */
    static String scrub(String text) {
        String scrubbed = PRIVATE_KEY.matcher(text).replaceAll(Matcher.quoteReplacement(REDACTED));
        scrubbed = scrubUrls(scrubbed);
        scrubbed = VERIFIER.matcher(scrubbed).replaceAll(Matcher.quoteReplacement(REDACTED));
        scrubbed = HTTP.matcher(scrubbed).replaceAll("$1 " + Matcher.quoteReplacement(REDACTED));
        return scrubNamed(scrubbed);
    }

    /** Takes out what stands between the user's name and the last {@code @} of a run without white space and quotes. */
    private static String scrubUrls(String text) {
        StringBuilder out = new StringBuilder();
        int copied = 0;
        for (int url = text.indexOf(AUTHORITY); url >= 0; url = text.indexOf(AUTHORITY, url + 1)) {
            int colon = end(text, url + AUTHORITY.length(), " \t\r\n'\"/@:");
            if (colon < text.length() && text.charAt(colon) == ':') {
                int runEnd = end(text, colon, " \t\r\n'\"");
                int host = text.lastIndexOf('@', runEnd - 1);
                if (host > colon) {
                    out.append(text, copied, colon + 1).append(REDACTED);
                    copied = host;
                }
                // A run is looked at once: what is left of it has no password before its last host.
                url = runEnd - 1;
            }
        }
        return copied == 0 ? text : out.append(text, copied, text.length()).toString();
    }

    private static int end(String text, int from, String ends) {
        int at = from;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static String scrubNamed(String text) {
        Matcher names = NAME.matcher(text);
        boolean bareWords = SETS_PASSWORD.matcher(text).find();
        StringBuilder out = new StringBuilder();
        int copied = 0;
        int from = 0;
        while (from <= text.length() && names.find(from)) {
            int start = valueStart(text, names.end(), bareWords);
            from = names.end();
            if (start >= 0) {
                int end = valueEnd(text, start);
                if (end > start && !text.startsWith("?", start) && !text.startsWith(REDACTED, start)) {
                    out.append(text, copied, start).append(REDACTED);
                    copied = end;
                }
                from = Math.max(from, end);
            }
        }
        return copied == 0 ? text : out.append(text, copied, text.length()).toString();
    }

    /** Where the value of a name that ends here begins, after an opening quote; -1 when none follows. */
    private static int valueStart(String text, int nameEnd, boolean bareWords) {
        int at = skip(text, nameEnd, "\"'\\)");
        at = skip(text, at, " \t\r\n");
        int operator = at;
        at = skip(text, at, "=:>,");
        boolean assigned = at > operator && text.charAt(operator) != ',';
        if (at == operator && text.regionMatches(true, at, "to ", 0, 3)) {
            at += 3;
        }
        at = skip(text, at, " \t\r\n");
        int value = at;
        if (text.regionMatches(true, at, "U&'", 0, 3)) {
            at += 2;
        } else if (at + 1 < text.length() && Character.isLetter(text.charAt(at)) && text.charAt(at + 1) == '\'') {
            at++;
        }
        if (at + 1 < text.length() && text.charAt(at) == '$' && Character.isDigit(text.charAt(at + 1))) {
            return -1;
        }
        int opened = skip(text, at, "'\"\\($");
        if (opened > at) {
            return opened;
        }
        boolean bare = assigned || (bareWords && operator > nameEnd && value == operator && !isKeyword(text, value));
        return bare && value < text.length() ? value : -1;
    }

    /** Words that follow {@code password} in SQL without being one. */
    private static boolean isKeyword(String text, int at) {
        String rest = text.substring(at, Math.min(text.length(), at + 8)).toLowerCase(Locale.ROOT);
        return rest.matches("(?:null|text|varchar|char|from|and|or|is|in|not|as|like|of|for|auth|does|must|end)\\b.*")
                || !Character.isLetterOrDigit(text.charAt(Math.min(at, text.length() - 1)));
    }

    /** Where a value ends: at the quote that opened it, or for one without quotes at white space or any quote. */
    private static int valueEnd(String text, int start) {
        char opening = text.charAt(start - 1);
        if (opening == '(') {
            int close = text.lastIndexOf(')');
            return close < start ? text.length() : close;
        }
        if (opening == '$') {
            return dollarEnd(text, start);
        }
        if (opening != '\'' && opening != '"') {
            return end(text, start, " \t\r\n'\"");
        }
        for (int at = start; at < text.length(); at++) {
            char character = text.charAt(at);
            if (character == '\\') {
                at++;
            } else if (character == opening) {
                if (at + 1 >= text.length() || text.charAt(at + 1) != opening) {
                    return at;
                }
                at++;
            }
        }
        return text.length();
    }

    private static int dollarEnd(String text, int start) {
        int close = text.lastIndexOf('$');
        return close <= start ? text.length() : close;
    }

    private static int skip(String text, int from, String characters) {
        int at = from;
        while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }
}
