package org.pgpod.haagent.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;

/** What flows between pods: replication and the connections of pg_basebackup and pg_rewind. */
final class Network {
    private final Cluster cluster;
    private final Set<Pod> isolated = new HashSet<>();
    private final Map<Pod, String> toolTargets = new HashMap<>();

    Network(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Cuts a pod off from its peers, though not from the API. */
    void isolate(Pod pod) {
        isolated.add(pod);
    }

    void heal(Pod pod) {
        isolated.remove(pod);
    }

    private Optional<Pod> reach(Pod from, String address) {
        for (Pod pod : cluster.pods) {
            if (pod != from && pod.isOn() && pod.address.equals(address)) {
                boolean open = !isolated.contains(from) && !isolated.contains(pod);
                return open ? Optional.of(pod) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    void toolTarget(Pod pod, String address) {
        toolTargets.put(pod, address);
    }

    /** The server that a tool of this pod copies from; it must be writable. */
    Optional<Server> toolSource(Pod pod) {
        return Optional.ofNullable(toolTargets.get(pod))
                .flatMap(address -> reach(pod, address))
                .filter(source -> !source.node.isPaused())
                .flatMap(Pod::server)
                .filter(server -> server.accepting && server.writable());
    }

    List<DatabaseFacts.Sender> senders(Server source) {
        List<DatabaseFacts.Sender> senders = new ArrayList<>();
        for (Pod pod : cluster.pods) {
            pod.server()
                    .filter(server -> server.source.filter(source::equals).isPresent())
                    .ifPresent(server -> senders.add(new DatabaseFacts.Sender(
                            server.settings.self().applicationName(), "streaming", new Lsn(server.data.end))));
        }
        return senders;
    }

    /** One turn of replication. */
    void stream() {
        for (Pod pod : cluster.pods) {
            if (pod.isOn() && pod.supervisor.server.isPresent() && !pod.node.isPaused()) {
                stream(pod, pod.supervisor.server.get());
            }
        }
    }

    private void stream(Pod pod, Server server) {
        Optional<PostgresSettings.Standby> following = server.following();
        if (following.isEmpty() || !server.sending) {
            server.source = Optional.empty();
            return;
        }
        Optional<Pod> upstream = reach(pod, following.get().upstream().address());
        if (upstream.filter(up -> up.node.isPaused()).isPresent()) {
            return;
        }
        server.lagBytes = pod.lagBytes;
        server.source = upstream.flatMap(Pod::server)
                .filter(source -> source.sending)
                .filter(source ->
                        source.data.slots.contains(following.get().self().slotName()))
                .filter(source -> mayFollow(pod, server, source));
        server.source.ifPresent(server::receive);
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
        for (Pod pod : cluster.pods) {
            pod.server()
                    .filter(server -> server.source.filter(ending::equals).isPresent())
                    .ifPresent(server -> {
                        server.lagBytes = 0;
                        server.receive(ending);
                        server.source = Optional.empty();
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
