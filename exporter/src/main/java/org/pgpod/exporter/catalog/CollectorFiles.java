package org.pgpod.exporter.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.exporter.model.Collector;

/**
 * Where the user's collectors are.
 *
 * @param directory of files of our own form, {@code *.yaml}
 * @param postgresExporterQueries a file of postgres_exporter's form, or a directory of such files of any name
 * @param cnpgQueries the same in CloudNativePG's form
 */
public record CollectorFiles(
        Optional<Path> directory, Optional<Path> postgresExporterQueries, Optional<Path> cnpgQueries) {
    public static final CollectorFiles NONE = new CollectorFiles(Optional.empty(), Optional.empty(), Optional.empty());

    /** A larger file is refused. */
    public static final int FILE_BYTES_MAX = 262_144;

    /** More files in a directory are refused. */
    public static final int FILES_MAX = 500;

    // Names that begin with a dot are Kubernetes' own in a mounted ConfigMap.
    private static final String OWN = "[^.].*\\.ya?ml";
    private static final String ANY = "[^.].*";

    /** Whether there are any. */
    public boolean configured() {
        return !equals(NONE);
    }

    List<Path> own(List<String> problems) {
        return directory.map(in -> list(in, OWN, problems)).orElse(List.of());
    }

    List<Collector> foreign(List<String> problems) {
        List<Collector> collectors = new ArrayList<>();
        postgresExporterQueries.ifPresent(
                path -> read(ForeignQueries.Format.POSTGRES_EXPORTER, path, problems, collectors));
        cnpgQueries.ifPresent(path -> read(ForeignQueries.Format.CNPG, path, problems, collectors));
        return collectors;
    }

    private static void read(
            ForeignQueries.Format format, Path path, List<String> problems, List<Collector> collectors) {
        for (Path file : fileOrThoseIn(path, problems)) {
            content(file, problems)
                    .ifPresent(
                            bytes -> collectors.addAll(ForeignQueries.read(format, file.toString(), bytes, problems)));
        }
    }

    private static List<Path> fileOrThoseIn(Path path, List<String> problems) {
        return Files.isDirectory(path) ? list(path, ANY, problems) : List.of(path);
    }

    /**
     * The files as they are, without reading them: equal to an earlier state only if none has come, gone or changed. Also
     * the swap of a mounted ConfigMap shows, because links are followed.
     */
    public List<String> state() {
        List<String> unreadable = new ArrayList<>();
        List<Path> files = new ArrayList<>(own(unreadable));
        postgresExporterQueries.ifPresent(path -> files.addAll(fileOrThoseIn(path, unreadable)));
        cnpgQueries.ifPresent(path -> files.addAll(fileOrThoseIn(path, unreadable)));
        return Stream.concat(unreadable.stream(), files.stream().map(CollectorFiles::state))
                .toList();
    }

    private static String state(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return file + " " + attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size();
        } catch (IOException gone) {
            return file + " " + gone;
        }
    }

    private static List<Path> list(Path directory, String names, List<String> problems) {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> files = entries.filter(
                            file -> file.getFileName().toString().matches(names) && !Files.isDirectory(file))
                    .sorted()
                    .limit(FILES_MAX + 1L)
                    .toList();
            if (files.size() > FILES_MAX) {
                problems.add(directory + ": holds more than " + FILES_MAX + " collector files");
            }
            return files;
        } catch (IOException unreadable) {
            problems.add(directory + ": the directory of collectors cannot be read: " + unreadable.getMessage());
            return List.of();
        }
    }

    static Optional<byte[]> content(Path file, List<String> problems) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                problems.add(file + ": is larger than " + FILE_BYTES_MAX + " bytes");
                return Optional.empty();
            }
            return Optional.of(Files.readAllBytes(file));
        } catch (IOException unreadable) {
            problems.add(file + ": cannot be read: " + unreadable.getMessage());
            return Optional.empty();
        }
    }
}
