package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.AtomicFile.Durability;
import org.pgpod.logshipper.model.Source;

/** The name of a source of logs, kept beside them: it lives and moves with the files, not with the pod. */
public final class SourceIdFile {
    private static final String NAME = "source-id";
    private static final int LENGTH_MAX = 64;

    private SourceIdFile() {}

    /** The id of this directory; made if it has none. Two processes that make one at once agree on one. */
    public static String readOrMake(Path logDirectory) throws IOException {
        Path file = logDirectory.resolve(NAME);
        if (!Files.exists(file)) {
            Files.createDirectories(logDirectory);
            Path proposal = logDirectory.resolve(NAME + "-" + UUID.randomUUID());
            AtomicFile.replace(proposal, UUID.randomUUID() + "\n", Durability.SYNCED);
            try {
                Files.createLink(file, proposal);
            } catch (FileAlreadyExistsException madeByAnother) {
                return read(file);
            } finally {
                Files.delete(proposal);
            }
        }
        return read(file);
    }

    private static String read(Path file) throws IOException {
        String id = Files.size(file) > LENGTH_MAX
                ? ""
                : Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (!Source.isId(id)) {
            throw new IOException(file + " must hold a UUID in lower case; without the file these logs become a new"
                    + " source, and all of them are stored again");
        }
        return id;
    }
}
