package org.pgpod.haagent.act;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pgpod.haagent.conf.InitialScript;

/**
 * One file of SQL for one database.
 *
 * @param name without its directory, by which the database remembers that it ran
 */
record SqlFile(String database, String name, Path path) {
    private static final long BYTES_MAX = 16 * 1_048_576L;
    private static final int FILES_MAX = 1_000;

    /** All files of these, in order; two of one name for one database are an error, and so is a missing one. */
    static List<SqlFile> of(List<InitialScript> scripts) throws IOException {
        List<SqlFile> files = new ArrayList<>();
        for (InitialScript script : scripts) {
            for (Path path : paths(script.path())) {
                SqlFile file = new SqlFile(script.database(), String.valueOf(path.getFileName()), path);
                for (SqlFile earlier : files) {
                    if (earlier.database().equals(file.database())
                            && earlier.name().equals(file.name())) {
                        throw new IOException("two SQL files for the database " + file.database() + " have the name "
                                + file.name() + ": " + earlier.path() + " and " + path);
                    }
                }
                files.add(file);
            }
        }
        if (files.size() > FILES_MAX) {
            throw new IOException("there are " + files.size() + " SQL files; at most " + FILES_MAX);
        }
        return files;
    }

    private static List<Path> paths(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        // A mounted ConfigMap also holds directories of its own, whose names begin with dots.
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(file -> file.getFileName().toString().endsWith(".sql"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }

    /** The whole text. */
    String text() throws IOException {
        if (!Files.isReadable(path)) {
            throw new IOException("the SQL file " + path + " is missing or cannot be read");
        }
        if (Files.size(path) > BYTES_MAX) {
            throw new IOException("the SQL file " + path + " is longer than " + BYTES_MAX + " bytes");
        }
        try {
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (CharacterCodingException foreign) {
            throw new IOException("the SQL file " + path + " is not in UTF-8", foreign);
        }
    }

    @Override
    public String toString() {
        return database + "=" + path;
    }
}
