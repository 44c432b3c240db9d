package org.pgpod.logshipper.forward;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.AtomicFile.Durability;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;

/**
 * How far each file was delivered to a sink that cannot keep that itself: a JSON file beside the logs, replaced whole and
 * synced. Only one process at a time uses it, which a lock on a file beside it ensures.
 */
final class PositionFile {
    /** Of files that are gone, so many are remembered in case they come back. */
    private static final int GONE_FILES_MAX = 100;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Path lockFile;
    private final NavigableMap<Integer, FileState> states = new TreeMap<>();
    private @Nullable FileChannel lock;

    PositionFile(Path directory, String sink) {
        this.file = directory.resolve("positions-" + sink + ".json");
        this.lockFile = directory.resolve("positions-" + sink + ".lock");
    }

    /** Takes the lock and reads the file; one that is not there says that nothing was delivered. */
    List<FileState> open() throws IOException {
        takeLock();
        states.clear();
        if (Files.exists(file)) {
            for (JsonNode entry : JSON.readTree(file.toFile()).path("files")) {
                FileState state = state(entry);
                states.put(state.number(), state);
            }
        }
        return new ArrayList<>(states.values());
    }

    private void takeLock() throws IOException {
        if (lock != null) {
            return;
        }
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock taken;
        try {
            taken = channel.tryLock();
        } catch (OverlappingFileLockException takenHere) {
            taken = null;
        }
        if (taken == null) {
            channel.close();
            throw new IOException(lockFile + " is locked: another log-shipper delivers these logs");
        }
        lock = channel;
    }

    private FileState state(JsonNode entry) throws IOException {
        try {
            return new FileState(
                    entry.path("number").asInt(),
                    LogStream.valueOf(entry.path("stream").asText().toUpperCase(Locale.ROOT)),
                    entry.path("name").asText(),
                    entry.path("inode").asLong(),
                    entry.path("position").asLong(),
                    new Fingerprint(
                            entry.path("headBytes").asInt(),
                            entry.path("headSha256").asText(),
                            entry.path("tailBytes").asInt(),
                            entry.path("tailSha256").asText()));
        } catch (IllegalArgumentException malformed) {
            throw new IOException(
                    file + " is damaged: " + malformed.getMessage()
                            + "; without the file everything is delivered again",
                    malformed);
        }
    }

    /** Moves the positions; false, with nothing changed, if one is not where its advance begins. */
    boolean advance(List<Advance> advances) throws IOException {
        for (Advance advance : advances) {
            FileState before = states.get(advance.state().number());
            if (advance.from() != (before == null ? 0 : before.position())) {
                return false;
            }
        }
        advances.forEach(advance -> states.put(advance.state().number(), advance.state()));
        write();
        return true;
    }

    /** Forgets files that are gone, but for the last of them. */
    void forgetGone(Collection<Integer> present) throws IOException {
        List<Integer> gone = new ArrayList<>(states.keySet());
        gone.removeAll(present);
        if (gone.size() > GONE_FILES_MAX) {
            gone.subList(0, gone.size() - GONE_FILES_MAX).forEach(states::remove);
            write();
        }
    }

    private void write() throws IOException {
        ObjectNode document = JSON.createObjectNode();
        ArrayNode files = document.putArray("files");
        for (FileState state : states.values()) {
            files.addObject()
                    .put("number", state.number())
                    .put("stream", state.stream().label())
                    .put("name", state.name())
                    .put("inode", state.inode())
                    .put("position", state.position())
                    .put("headBytes", state.fingerprint().headBytes())
                    .put("headSha256", state.fingerprint().head())
                    .put("tailBytes", state.fingerprint().tailBytes())
                    .put("tailSha256", state.fingerprint().tail());
        }
        AtomicFile.replace(file, document.toString(), Durability.SYNCED);
    }

    /** Lets the next process have it. */
    void close() throws IOException {
        FileChannel held = lock;
        lock = null;
        if (held != null) {
            held.close();
        }
    }
}
