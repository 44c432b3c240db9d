package org.pgpod.haagent.observe;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.port.LibraryPort;

/** Reads the digest in {@code run/extensions/installed.json}; a file that is absent or not readable has none. */
public final class InstalledLibraries implements LibraryPort {
    private static final int BYTES_MAX = 1_048_576;
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private final ObjectMapper json = new ObjectMapper();
    private final Path file;

    public InstalledLibraries(Path file) {
        this.file = file;
    }

    @Override
    public Optional<String> digest() {
        try {
            String digest = json.readTree(SmallFile.read(file, BYTES_MAX))
                    .path("digest")
                    .asText();
            return DIGEST.matcher(digest).matches() ? Optional.of(digest) : Optional.empty();
        } catch (IOException absentOrMalformed) {
            return Optional.empty();
        }
    }
}
