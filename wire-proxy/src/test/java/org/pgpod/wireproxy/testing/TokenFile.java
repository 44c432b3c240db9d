package org.pgpod.wireproxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;
import org.pgpod.core.postgres.Epoch;

/** Writes {@code run/lease-token} as ha-agent does. */
public final class TokenFile {
    private final Path file;
    private final BootClock clock;
    private final AtomicLong sequence = new AtomicLong();

    TokenFile(Path file, BootClock clock) {
        this.file = file;
        this.clock = clock;
    }

    public long nowMillis() {
        return clock.nowMillis();
    }

    /** A standby's token, which has no end. */
    public long standby(Phase phase) {
        return write(clock.bootId(), 1, Role.STANDBY, phase, 0, 0, "");
    }

    /** A standby's token that names the primary's address. */
    public long standbyOf(String leader) {
        return write(clock.bootId(), 1, Role.STANDBY, Phase.OPEN, 0, 0, leader);
    }

    public long none() {
        return write(clock.bootId(), 1, Role.NONE, Phase.CUT, 0, 0, "");
    }

    /** A primary's token of a term that is valid for so long from now. */
    public long primary(long epoch, Phase phase, long untilInMillis) {
        return write(clock.bootId(), epoch, Role.PRIMARY, phase, clock.nowMillis() + untilInMillis, 0, "");
    }

    /** A primary's token that holds clients for so long from now. */
    public long hold(long epoch, long holdInMillis) {
        long now = clock.nowMillis();
        return write(clock.bootId(), epoch, Role.PRIMARY, Phase.HOLD, now + 50_000, now + holdInMillis, "");
    }

    /** The token of a primary that has handed over and still holds clients for so long from now. */
    public long handedOver(Role role, long holdInMillis) {
        return write(clock.bootId(), 1, role, Phase.HOLD, 0, clock.nowMillis() + holdInMillis, "");
    }

    public long primaryOfBoot(String bootId, long untilInMillis) {
        return write(bootId, 1, Role.PRIMARY, Phase.OPEN, clock.nowMillis() + untilInMillis, 0, "");
    }

    private long write(String bootId, long epoch, Role role, Phase phase, long until, long hold, String leader) {
        long stop = role == Role.PRIMARY ? until + 1_000 : 0;
        long kill = role == Role.PRIMARY ? until + 1_800 : 0;
        LeaseToken token = new LeaseToken(
                bootId,
                sequence.incrementAndGet(),
                "demo-0/27c1",
                "9c41e07a",
                new Epoch(epoch),
                role,
                phase,
                until,
                stop,
                kill,
                leader,
                hold);
        replace(token.format());
        return token.sequence();
    }

    /** Replaces the file by any text. */
    public void replace(String text) {
        try {
            AtomicFile.replace(file, text);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
