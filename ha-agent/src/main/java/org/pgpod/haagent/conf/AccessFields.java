package org.pgpod.haagent.conf;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of pg_hba.conf or pg_ident.conf as fields: words apart by blanks, a list where words are joined by commas, and
 * quotes around what is to be taken as it stands.
 */
record AccessFields(List<List<String>> fields) {
    /** The fields of {@code line}; one that Postgres would read differently is an {@link IllegalArgumentException}. */
    static AccessFields of(String line) {
        if (line.chars().anyMatch(letter -> letter < ' ' && letter != '\t')) {
            throw new IllegalArgumentException("it must be one line without control characters");
        }
        if (line.endsWith("\\")) {
            throw new IllegalArgumentException("a line cannot go on in the next one");
        }
        List<List<String>> fields = new ArrayList<>();
        List<String> field = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        boolean joined = false;
        for (char letter : (line + " ").toCharArray()) {
            if (letter == '"') {
                quoted = !quoted;
                begun = true;
            } else if (quoted || (letter != ' ' && letter != '\t' && letter != ',')) {
                if (!quoted && letter == '#') {
                    throw new IllegalArgumentException("a line cannot hold a comment");
                }
                word.append(letter);
                begun = true;
            } else if (begun) {
                if (!joined) {
                    field = new ArrayList<>();
                    fields.add(field);
                }
                field.add(word.toString());
                word.setLength(0);
                begun = false;
                joined = letter == ',';
            } else if (letter == ',') {
                throw new IllegalArgumentException("a comma stands where a word is missing");
            }
        }
        if (quoted || joined) {
            throw new IllegalArgumentException(quoted ? "a quote is not closed" : "a word is missing after a comma");
        }
        if (fields.stream().flatMap(List::stream).anyMatch(text -> text.startsWith("@"))) {
            throw new IllegalArgumentException("names cannot be taken from a file with @");
        }
        return new AccessFields(fields);
    }

    int size() {
        return fields.size();
    }

    /** A field that must be one word. */
    String word(int index, String what) {
        if (index >= fields.size()) {
            throw new IllegalArgumentException(what + " is missing");
        }
        if (fields.get(index).size() != 1) {
            throw new IllegalArgumentException(what + " must be one word, not " + fields.get(index));
        }
        return fields.get(index).getFirst();
    }
}
