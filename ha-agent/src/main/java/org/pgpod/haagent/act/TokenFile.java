package org.pgpod.haagent.act;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.KeyValueLine;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.TokenPort;

/** {@code run/lease-token}, replaced as a whole on tmpfs. */
public final class TokenFile implements TokenPort {
    private final Path file;

    public TokenFile(Path file) {
        this.file = file;
    }

    // Guards the name of the file that is renamed into place; held for one write on tmpfs.
    @Override
    public synchronized Effect write(LeaseToken token) {
        try {
            AtomicFile.replace(file, token.format());
            return new Effect.Changed();
        } catch (IOException failed) {
            return new Effect.Failed("the lease token cannot be written: " + failed.getMessage());
        }
    }

    @Override
    public Optional<LeaseToken> read() {
        try {
            return LeaseToken.parse(SmallFile.read(file, KeyValueLine.LENGTH_MAX));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
