package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pgpod.logshipper.model.LogStream;

/**
 * The directories that logs are written to. A directory that does not exist yet is an empty one; files whose names are not
 * those of logs, and links, are left alone.
 */
public final class LogDirectories {
    private static final Pattern SIDECAR_FILE = Pattern.compile(".+\\.jsonl(\\.\\d{1,3})?");

    private final Path postgres;
    private final Path sidecars;

    /**
     * Looks into two directories.
     *
     * @param postgres Postgres's {@code log_directory}: {@code *.json}, {@code *.csv} and {@code *.log}, each also compressed, as
     *     {@code *.json.gz} and so on
     * @param sidecars the sidecars' files: {@code *.jsonl} and, renamed, {@code *.jsonl.1} and so on
     */
    public LogDirectories(Path postgres, Path sidecars) {
        this.postgres = postgres;
        this.sidecars = sidecars;
    }

    Path postgres() {
        return postgres;
    }

    /** Every log file there is, the one that was written to longest ago first. */
    List<SeenFile> list() throws IOException {
        List<SeenFile> files = new ArrayList<>();
        list(postgres, files);
        list(sidecars, files);
        files.sort(Comparator.comparingLong(SeenFile::modifiedMillis)
                .thenComparing(file -> file.path().toString()));
        return files;
    }

    private void list(Path directory, List<SeenFile> files) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path path : entries) {
                Optional<LogStream> stream =
                        stream(directory, path.getFileName().toString());
                if (stream.isPresent()) {
                    look(stream.get(), path).ifPresent(files::add);
                }
            }
        } catch (DirectoryIteratorException failed) {
            // A disk that fails half-way through is the same trouble as one that fails at the beginning.
            throw failed.getCause();
        }
    }

    private Optional<LogStream> stream(Path directory, String name) {
        if (directory.equals(sidecars) && SIDECAR_FILE.matcher(name).matches()) {
            return Optional.of(LogStream.SIDECAR);
        }
        String nameBefore = SeenFile.nameBefore(name);
        if (directory.equals(postgres) && nameBefore.endsWith(".json")) {
            return Optional.of(LogStream.POSTGRES);
        }
        if (directory.equals(postgres) && nameBefore.endsWith(".csv")) {
            return Optional.of(LogStream.CSVLOG);
        }
        if (directory.equals(postgres) && nameBefore.endsWith(".log")) {
            return Optional.of(LogStream.STDERR);
        }
        return Optional.empty();
    }

    /** The file at a path now; empty when there is none or it is not a plain file. */
    static Optional<SeenFile> look(LogStream stream, Path path) throws IOException {
        try {
            Map<String, Object> attributes = Files.readAttributes(
                    path, "unix:ino,size,lastModifiedTime,isRegularFile", LinkOption.NOFOLLOW_LINKS);
            if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
                return Optional.empty();
            }
            return Optional.of(new SeenFile(
                    stream,
                    path,
                    number(attributes, "ino"),
                    number(attributes, "size"),
                    attributes.get("lastModifiedTime") instanceof FileTime time ? time.toMillis() : 0));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    private static long number(Map<String, Object> attributes, String name) throws IOException {
        if (attributes.get(name) instanceof Number number) {
            return number.longValue();
        }
        throw new IOException("the file system does not tell a file's " + name);
    }
}
