package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/**
 * What the server that a standby cluster follows says of itself, over one replication connection.
 *
 * @param from where it was asked
 * @param timeline the one it writes or, as a standby, receives
 * @param end how far its WAL reaches
 * @param branches the timelines that led to its present one, itself included, oldest first
 * @param slotFound whether the slot is there that was asked for; empty if none was, or if the server is too old to tell
 */
public record RemoteSighting(
        RemotePrimary from,
        SystemId systemId,
        Timeline timeline,
        Lsn end,
        List<Branch> branches,
        Optional<Boolean> slotFound) {
    /** One timeline and where it left its parent; the very first one begins where all WAL does. */
    public record Branch(Timeline timeline, Lsn start) {}

    public RemoteSighting {
        branches = List.copyOf(branches);
    }

    /** Where the WAL of {@code own} ends in that line; empty for the present timeline and for a stranger. */
    public Optional<Lsn> endOf(Timeline own) {
        for (int index = 0; index + 1 < branches.size(); index++) {
            if (branches.get(index).timeline().equals(own)) {
                return Optional.of(branches.get(index + 1).start());
            }
        }
        return Optional.empty();
    }

    public boolean knows(Timeline own) {
        return branches.stream().anyMatch(branch -> branch.timeline().equals(own));
    }
}
