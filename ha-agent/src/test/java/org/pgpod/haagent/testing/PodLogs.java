package org.pgpod.haagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the parts of one pod have told so far. */
record PodLogs(String name, Path directory) {
    private static final int POSTGRES_LINES = 40;

    String text() {
        StringBuilder text = new StringBuilder();
        for (String log : List.of("supervisor.log", "agent.log")) {
            try {
                text.append("==== ").append(name).append(' ').append(log).append('\n');
                text.append(Files.readString(directory.resolve(log)));
            } catch (IOException notThere) {
                text.append("(none)\n");
            }
        }
        return text.append(postgres()).toString();
    }

    /** The last lines of Postgres's newest plain log. */
    private String postgres() {
        Path logs = directory.resolve("log").resolve("postgres");
        try (Stream<Path> files = Files.list(logs)) {
            Optional<Path> newest =
                    files.filter(file -> file.toString().endsWith(".log")).max(Comparator.comparing(Path::toString));
            List<String> lines = newest.isPresent() ? Files.readAllLines(newest.get()) : List.of();
            List<String> tail = lines.subList(Math.max(0, lines.size() - POSTGRES_LINES), lines.size());
            return "==== " + name + " postgres\n" + String.join("\n", tail) + "\n";
        } catch (IOException notThere) {
            return "==== " + name + " postgres\n(none)\n";
        }
    }
}
