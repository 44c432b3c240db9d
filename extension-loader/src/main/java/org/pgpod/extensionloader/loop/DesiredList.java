package org.pgpod.extensionloader.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.pgpod.extensionloader.model.DesiredExtension;

/** The wanted extensions: the configured ones and those of a mounted file, which may be replaced at any time. */
public final class DesiredList {
    private static final long FILE_BYTES_MAX = 1 << 20;

    private final List<String> configured;
    private final Optional<Path> file;

    /**
     * One reading.
     *
     * @param problem why the file could not be used; then the list is empty and the last good one should stay
     */
    public record Reading(List<DesiredExtension> extensions, Optional<String> problem) {
        public Reading {
            extensions = List.copyOf(extensions);
        }
    }

    public DesiredList(List<String> configured, Optional<Path> file) {
        this.configured = List.copyOf(configured);
        this.file = file;
    }

    /** Reads the file again; one that is missing adds nothing. */
    public Reading read() {
        try {
            return new Reading(DesiredExtension.merge(configured, fileText()), Optional.empty());
        } catch (IOException | IllegalArgumentException e) {
            return new Reading(List.of(), Optional.of("the desired list is unreadable: " + e.getMessage()));
        }
    }

    private String fileText() throws IOException {
        if (file.isEmpty() || !Files.isRegularFile(file.get())) {
            return "";
        }
        if (Files.size(file.get()) > FILE_BYTES_MAX) {
            throw new IOException("larger than " + FILE_BYTES_MAX + " bytes");
        }
        return Files.readString(file.get());
    }
}
