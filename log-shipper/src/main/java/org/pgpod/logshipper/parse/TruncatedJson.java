package org.pgpod.logshipper.parse;

/** Closes a JSON object that was cut, so that the values before the cut can be read. */
final class TruncatedJson {
    private static final int UNICODE_ESCAPE_LENGTH = "\\u0000".length();

    private TruncatedJson() {}

    /** Ends the text that the cut stands in, and the object; returns the new end, at most a few bytes after {@code to}. */
    static int close(byte[] bytes, int from, int to) {
        int end = Utf8.wholeCharacters(bytes, from, to);
        boolean inText = false;
        int at = from;
        while (at < end) {
            int step = 1;
            if (bytes[at] == '"') {
                inText = !inText;
            } else if (inText && bytes[at] == '\\') {
                step = at + 1 < end && bytes[at + 1] == 'u' ? UNICODE_ESCAPE_LENGTH : 2;
                if (at + step > end) {
                    end = at;
                }
            }
            at += step;
        }
        if (inText) {
            bytes[end++] = '"';
        }
        bytes[end++] = '}';
        return end;
    }
}
