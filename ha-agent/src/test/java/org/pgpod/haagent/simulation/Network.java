package org.pgpod.haagent.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.haagent.model.PostgresSettings;

/** What flows between pods: replication and the connections of pg_basebackup and pg_rewind. */
final class Network {
    private final Cluster cluster;
    private final Set<Pod> isolated = new HashSet<>();
    private final Map<Pod, Pod> cuts = new HashMap<>();
    private final Map<Pod, String> toolTargets = new HashMap<>();

    Network(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Cuts a pod off from its peers, though not from the API. */
    void isolate(Pod pod) {
        isolated.add(pod);
    }

    /** Cuts the way from one pod to another one. */
    void cut(Pod from, Pod to) {
        cuts.put(from, to);
    }

    void heal(Pod pod) {
        isolated.remove(pod);
        cuts.remove(pod);
    }

    Optional<Pod> reach(Pod from, String address) {
        for (Pod pod : cluster.pods) {
            if (pod != from && pod.isOn() && pod.address.equals(address)) {
                boolean open = !isolated.contains(from) && !isolated.contains(pod) && cuts.get(from) != pod;
                return open ? Optional.of(pod) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    void toolTarget(Pod pod, String address) {
        toolTargets.put(pod, address);
    }

    /** The server that a rewind of this pod copies from; it must be writable. */
    Optional<Server> toolSource(Pod pod) {
        return cloneSource(pod).filter(Server::writable);
    }

    /** The server that a clone of this pod copies from, which may be a standby. */
    Optional<Server> cloneSource(Pod pod) {
        String target = toolTargets.getOrDefault(pod, "");
        if (target.equals(OtherCluster.HOST)) {
            return cluster.other.flatMap(OtherCluster::reached);
        }
        return Optional.of(target)
                .flatMap(address -> reach(pod, address))
                .filter(source -> !source.node.isPaused())
                .flatMap(Pod::server)
                .filter(server -> server.accepting);
    }

    /** Whether all that is written to {@code primary} comes to {@code standby}, over other standbys or not. */
    boolean feeds(Server primary, Server standby) {
        Optional<Server> above = standby.source;
        for (int hop = 0; hop < cluster.pods.size() && above.isPresent(); hop++) {
            if (above.get() == primary) {
                return true;
            }
            above = above.get().source;
        }
        return false;
    }

    /** One turn of replication. */
    void stream() {
        for (Pod pod : cluster.pods) {
            if (pod.isOn() && pod.supervisor.server.isPresent() && !pod.node.isPaused()) {
                stream(pod, pod.supervisor.server.get());
            }
        }
        for (Pod pod : cluster.pods) {
            pod.server().ifPresent(server -> {
                // An agent that cannot ask its server cannot see anybody there.
                if (!pod.hangs()) {
                    server.commits.impostorReplies(cluster.time.nowMillis());
                }
                forgetTheGone(server);
            });
        }
    }

    private void forgetTheGone(Server server) {
        Optional<Server> source = server.source;
        boolean foreign = source.isPresent() && cluster.isOther(source.get());
        if (source.isPresent()
                && !foreign
                && cluster.pods.stream().noneMatch(pod -> pod.server().equals(source))) {
            server.source = Optional.empty();
        }
        server.commits.keepOnly(cluster.pods);
    }

    private void stream(Pod pod, Server server) {
        if (server.settings instanceof PostgresSettings.Remote && server.inRecovery) {
            streamFromOther(pod, server);
            return;
        }
        Optional<PostgresSettings.Standby> following = server.following();
        if (following.isEmpty() || !server.sending) {
            leave(server);
            return;
        }
        Optional<Pod> upstream = reach(pod, following.get().upstream().address());
        if (upstream.filter(up -> up.node.isPaused()).isPresent()) {
            return;
        }
        server.lagBytes = pod.lagBytes;
        Optional<Server> source = upstream.flatMap(Pod::server)
                .filter(serving -> serving.sending)
                .filter(serving ->
                        serving.data.slots.contains(following.get().self().slotName()))
                .filter(serving -> mayFollow(pod, server, serving));
        if (!source.equals(server.source)) {
            leave(server);
        }
        server.source = source;
        source.ifPresent(from -> {
            server.receive(from);
            // Now and then an answer is late.
            if (!pod.walsenderLate && !cluster.chance.oneIn(4)) {
                from.commits.replied(server, following.get());
            }
        });
    }

    private void streamFromOther(Pod pod, Server server) {
        Optional<Server> source = cluster.other
                .filter(ignored -> server.sending && !isolated.contains(pod))
                .flatMap(there -> there.sourceOf(server))
                .filter(serving -> serving.data.systemId.equals(server.data.systemId))
                .filter(serving -> mayFollow(pod, server, serving));
        server.lagBytes = pod.lagBytes;
        server.source = source;
        source.ifPresent(server::receive);
    }

    private static void leave(Server server) {
        server.source.ifPresent(from -> from.commits.left(server));
        server.source = Optional.empty();
    }

    private boolean mayFollow(Pod pod, Server server, Server source) {
        if (source.data.covers(server.data.wal, server.data.end)) {
            return true;
        }
        // Postgres goes by numbers: it would stream a foreign timeline of the same number.
        Optional<Wal> line = Optional.of(source.data.wal);
        long limit = source.data.end;
        while (line.isPresent()) {
            Wal wal = line.get();
            if (wal.timeline == server.data.wal.timeline && wal != server.data.wal && server.data.end <= limit) {
                throw cluster.watch.violation(pod, "it is on " + server.data.wal + " and streams its namesake " + wal);
            }
            limit = wal.start;
            line = wal.parent;
        }
        return false;
    }

    /** What a fast shutdown waits for: all connected standbys get all of it. */
    void flush(Server ending) {
        cluster.other.ifPresent(there -> there.flush(ending));
        for (Pod pod : cluster.pods) {
            pod.server()
                    .filter(server -> server.source.filter(ending::equals).isPresent())
                    .ifPresent(server -> {
                        server.lagBytes = 0;
                        server.receive(ending);
                        leave(server);
                    });
        }
    }

    /** Whether a connected standby stands still, so that a fast shutdown would wait for it. */
    boolean hangsStop(Server stopping) {
        for (Pod pod : cluster.pods) {
            if (pod.node.isPaused()
                    && pod.server()
                            .filter(server ->
                                    server.source.filter(stopping::equals).isPresent())
                            .isPresent()) {
                return true;
            }
        }
        return false;
    }
}
