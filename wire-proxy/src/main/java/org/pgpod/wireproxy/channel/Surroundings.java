package org.pgpod.wireproxy.channel;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.pgpod.wireproxy.lease.LeaseWatch;
import org.pgpod.wireproxy.session.Watching;
import org.pgpod.wireproxy.standbys.Standbys;
import org.pgpod.wireproxy.telemetry.Counters;

/**
 * What every connection shares.
 *
 * @param loops the event loops with their sessions
 * @param lease what the token allows
 * @param counters what is counted
 * @param postgres the Unix socket of Postgres
 * @param forwarding the way to the primary of another pod; empty without a port for peers
 * @param standbys where clients read that want a standby; empty if nobody may want one
 * @param waiting what clients have sent that waits here
 * @param loginTimeout how long a client may take until Postgres has admitted it
 * @param watching where durations go
 */
public record Surroundings(
        EventLoops loops,
        LeaseWatch lease,
        Counters counters,
        Path postgres,
        Optional<Forwarding> forwarding,
        Optional<Standbys> standbys,
        WaitingBytes waiting,
        Duration loginTimeout,
        Watching watching) {}
