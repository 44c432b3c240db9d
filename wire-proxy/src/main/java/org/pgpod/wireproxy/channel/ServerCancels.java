package org.pgpod.wireproxy.channel;

import java.util.Optional;

/** The cancel requests for one server connection that are under way. Confined to its event loop. */
final class ServerCancels {
    private final LoopPools pools;
    private final Optional<BackendKey> key;
    private final Optional<String> leader;
    private int underway;
    private boolean late;

    ServerCancels(LoopPools pools, BackendConnection connection) {
        this.pools = pools;
        this.key = connection.key();
        this.leader = connection.leader();
    }

    /** Whether Postgres can be asked to cancel. */
    boolean arePossible() {
        return key.isPresent();
    }

    /** How many may still reach Postgres. */
    int underway() {
        return underway;
    }

    /** Whether one took so long that it may still come, whatever the connection does by then. */
    boolean wereLate() {
        return late;
    }

    /** The backend's process id; 0 if Postgres did not tell. */
    int processId() {
        return key.map(BackendKey::processId).orElse(0);
    }

    /** Asks Postgres to cancel; {@code over} runs when the request has been dealt with, or is given up. */
    void begin(Runnable over) {
        underway++;
        pools.cancel(leader, key.orElseThrow(), inTime -> {
            underway--;
            late |= !inTime;
            over.run();
        });
    }
}
