package org.pgpod.image.supervisor;

import java.util.LinkedHashMap;
import java.util.Map;

/** One complete line of {@code run/supervisor/state}. */
record SupervisorState(
        String instance,
        long atMillis,
        String pg,
        String mode,
        long pid,
        int exit,
        boolean fenced,
        String job,
        String data) {

    static SupervisorState parse(String line) {
        if (!line.startsWith("pgpod-supervisor=1 boot=") || !line.endsWith(" end\n")) {
            throw new IllegalArgumentException("no complete state: " + line);
        }
        Map<String, String> words = words(line);
        return new SupervisorState(
                word(words, "instance"),
                Long.parseLong(word(words, "at")),
                word(words, "pg"),
                word(words, "mode"),
                Long.parseLong(word(words, "pid")),
                Integer.parseInt(word(words, "exit")),
                word(words, "fenced").equals("1"),
                word(words, "job"),
                word(words, "data"));
    }

    /** The {@code key=value} words of a line, in their order. */
    static Map<String, String> words(String line) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String word : line.strip().split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                words.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return words;
    }

    private static String word(Map<String, String> words, String key) {
        String value = words.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key + " in " + words);
        }
        return value;
    }
}
