package org.pgpod.haagent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Proof that this process alone speaks for the pod: an exclusive lock of {@code run/agent.lock} until it is closed. */
final class AgentLock implements AutoCloseable {
    private final FileChannel channel;

    private AgentLock(FileChannel channel) {
        this.channel = channel;
    }

    static AgentLock take(Path file) throws IOException {
        if (!Files.isDirectory(file.resolveSibling("."))) {
            throw new IOException("the shared directory of the pod is missing: "
                    + file.resolveSibling(".").normalize());
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return new AgentLock(channel);
            }
        } catch (OverlappingFileLockException heldByThisProcess) {
            // Refused like a lock of another process.
        }
        channel.close();
        throw new IOException("another ha-agent runs in this pod: " + file + " is locked");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
