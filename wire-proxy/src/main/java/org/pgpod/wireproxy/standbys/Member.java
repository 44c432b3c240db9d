package org.pgpod.wireproxy.standbys;

import java.util.Optional;
import org.pgpod.core.postgres.Lsn;

/**
 * One member as the agent of this pod lists it, up to ten seconds old.
 *
 * @param name its pod
 * @param role what it last said of itself, {@code primary} or {@code standby} among others
 * @param host where its pod is reached
 * @param apiPort where its agent answers
 * @param zone of its node; empty if unknown
 * @param position the end of its WAL as it last said; empty if unknown
 * @param balanced whether it takes clients that somebody distributes: not if it has the tag {@code noloadbalance}
 */
public record Member(
        String name,
        String role,
        String host,
        int apiPort,
        Optional<String> zone,
        Optional<Lsn> position,
        boolean balanced) {
    static final String PRIMARY = "primary";
    static final String STANDBY = "standby";
}
