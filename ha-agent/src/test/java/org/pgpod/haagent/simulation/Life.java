package org.pgpod.haagent.simulation;

/** Something on a node that runs until it is killed: its events are dropped from then on, and wait while the node pauses. */
final class Life {
    private final Node node;
    private boolean alive = true;
    private long stoppedUntilMillis;

    Life(Node node) {
        this.node = node;
    }

    void kill() {
        alive = false;
    }

    boolean isAlive() {
        return alive;
    }

    /** As SIGSTOP does, until SIGCONT comes at {@code untilMillis}. */
    void stopUntil(long untilMillis) {
        stoppedUntilMillis = untilMillis;
    }

    long resumesMillis() {
        return Math.max(stoppedUntilMillis, node.pausedUntilMillis());
    }
}
