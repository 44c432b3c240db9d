package org.pgpod.haagent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What all files of a directory say together. */
final class AllFiles {
    private AllFiles() {}

    static String text(Path directory) throws IOException {
        StringBuilder text = new StringBuilder();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }
}
