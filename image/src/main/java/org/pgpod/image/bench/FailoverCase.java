package org.pgpod.image.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is done to a cluster, and who is put through it. */
enum FailoverCase {
    KILL_9("kill-9", Peers.TAKE_PART),
    PARTITION("partition", Peers.TAKE_PART),
    POSTGRES_CRASH("postgres-crash", Peers.TAKE_PART),
    CLEAN_DELETION("clean-deletion", Peers.TAKE_PART),
    API_LATENCY("api-latency-50ms", Peers.STAND_ASIDE),
    SWITCHOVER("switchover", Peers.TAKE_PART),
    FALSE_FAILOVERS("false-failovers", Peers.STAND_ASIDE);

    private enum Peers {
        TAKE_PART,
        STAND_ASIDE
    }

    private final String text;
    private final Peers peers;

    FailoverCase(String text, Peers peers) {
        this.text = text;
        this.peers = peers;
    }

    /** As it is written on the command line and in rows. */
    String text() {
        return text;
    }

    boolean alsoForPeers() {
        return peers == Peers.TAKE_PART;
    }

    /** Whether the case needs a network that can be cut. */
    boolean needsNamespaces() {
        return this == PARTITION;
    }

    /** The bench that its rows name. */
    String bench() {
        return this == SWITCHOVER ? "switchover" : "failover";
    }

    static Optional<FailoverCase> of(String text) {
        return Arrays.stream(values()).filter(one -> one.text.equals(text)).findAny();
    }

    static List<String> texts() {
        return Arrays.stream(values()).map(FailoverCase::text).toList();
    }
}
