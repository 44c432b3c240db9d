package org.pgpod.core.pod;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A password read from its mounted file each time it is needed, so that replacing the file rotates it. Never shown. */
public final class Credential {
    private static final long LENGTH_MAX = 1_024;

    private final Path file;

    public Credential(Path file) {
        this.file = file;
    }

    /** The password now, without a final line end; the error names the file and never its content. */
    public String read() throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("the credential file " + file + " is missing or cannot be read");
        }
        if (Files.size(file) > LENGTH_MAX) {
            throw new IOException("the credential file " + file + " is longer than " + LENGTH_MAX + " bytes");
        }
        String password = Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
        if (password.isEmpty() || password.chars().anyMatch(Character::isISOControl)) {
            throw new IOException("the credential file " + file + " must hold one line that is not empty");
        }
        return password;
    }

    @Override
    public String toString() {
        return "Credential[" + file + "]";
    }
}
