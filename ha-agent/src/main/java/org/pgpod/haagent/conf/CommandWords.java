package org.pgpod.haagent.conf;

import java.util.ArrayList;
import java.util.List;

/**
 * A command as one line: words apart by blanks, where single or double quotes keep blanks together. No shell reads it, so
 * nothing else means anything.
 */
public final class CommandWords {
    /** What {@link #parse} takes, for people. */
    public static final String ALLOWED = "a program and its arguments, with quotes around those that hold blanks";

    /** The supervisor takes no more. */
    private static final int WORDS_MAX = 256;

    private static final int LENGTH_MAX = 16_384;

    private CommandWords() {}

    /** The words; none for a blank line. {@link IllegalArgumentException} if a quote is not closed. */
    public static List<String> parse(String line) {
        if (line.length() > LENGTH_MAX || line.chars().anyMatch(letter -> letter < ' ' && letter != '\t')) {
            throw new IllegalArgumentException("not one line of at most " + LENGTH_MAX + " characters");
        }
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int at = 0; at < line.length(); at++) {
            char letter = line.charAt(at);
            if (quote != 0) {
                if (letter == quote) {
                    quote = 0;
                } else {
                    word.append(letter);
                }
            } else if (letter == '"' || letter == '\'') {
                quote = letter;
                begun = true;
            } else if (letter != ' ' && letter != '\t') {
                word.append(letter);
                begun = true;
            } else if (begun) {
                words.add(word.toString());
                word.setLength(0);
                begun = false;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is not closed");
        }
        if (begun) {
            words.add(word.toString());
        }
        if (words.size() > WORDS_MAX || (!words.isEmpty() && words.getFirst().isEmpty())) {
            throw new IllegalArgumentException("no program, or more than " + WORDS_MAX + " words");
        }
        return words;
    }
}
