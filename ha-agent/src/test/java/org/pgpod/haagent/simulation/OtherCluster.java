package org.pgpod.haagent.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SystemId;

/**
 * The cluster that the simulated one may follow: one server that writes, fails over and is out of reach now and then. Or, to
 * begin with, a standby of the simulated cluster, until people promote it.
 */
final class OtherCluster {
    static final String HOST = "other";
    private static final String SLOT = "east";

    final RemotePrimary address;
    boolean reachable = true;
    boolean slotMissing;
    private final Cluster cluster;
    private Server server;

    OtherCluster(Cluster cluster, SystemId systemId, boolean withSlot) {
        this(cluster, DataDirectory.initialised(systemId), withSlot);
    }

    /** A standby of the simulated cluster, made of a copy of its data. */
    OtherCluster(Cluster cluster, DataDirectory data, boolean withSlot) {
        this.cluster = cluster;
        this.address = new RemotePrimary(
                HOST,
                5432,
                "pgpod_replication",
                RemotePrimary.Security.DISABLE,
                withSlot ? Optional.of(SLOT) : Optional.empty(),
                Optional.empty());
        this.server = started(data, data.state.equals(DataDirectory.RECOVERING));
    }

    private static Server started(DataDirectory data, boolean inRecovery) {
        MemberName name = new MemberName(HOST + "-0", new DataId("0000000e"));
        Server server = new Server(data, 1, inRecovery, new PostgresSettings.Primary(name, SynchronousSet.NONE));
        server.accepting = true;
        server.sending = true;
        return server;
    }

    /** The entry {@code config} of the ConfigMap that names it. */
    String configuration() {
        return "standby_cluster: {host: " + HOST + ", port: 5432, sslmode: disable"
                + address.slot().map(slot -> ", primary_slot_name: " + slot).orElse("") + "}";
    }

    Server server() {
        return server;
    }

    boolean is(Server other) {
        return server == other;
    }

    /** Its server, as far as anybody reaches it. */
    Optional<Server> reached() {
        return reachable ? Optional.of(server) : Optional.empty();
    }

    /** What a pod streams from: a slot feeds one server only. */
    Optional<Server> sourceOf(Server standby) {
        boolean taken = address.slot().isPresent()
                && cluster.pods.stream()
                        .flatMap(pod -> pod.server().stream())
                        .anyMatch(other -> other != standby
                                && other.source.filter(this::is).isPresent());
        return reached()
                .filter(ignored -> !taken && !(slotMissing && address.slot().isPresent()));
    }

    RemoteSighting sighting() {
        List<RemoteSighting.Branch> branches = new ArrayList<>();
        Optional<Wal> wal = Optional.of(server.data.wal);
        while (wal.isPresent()) {
            branches.addFirst(new RemoteSighting.Branch(new Timeline(wal.get().timeline), new Lsn(wal.get().start)));
            wal = wal.get().parent;
        }
        return new RemoteSighting(
                address,
                server.data.systemId,
                new Timeline(server.data.wal.timeline),
                new Lsn(server.data.end),
                branches,
                address.slot().map(ignored -> !slotMissing));
    }

    /** One turn: clients write, or, as a standby of ours, it receives. */
    void turn() {
        if (server.writable()) {
            server.write();
            return;
        }
        cluster.primary()
                .flatMap(Pod::server)
                .filter(primary -> reachable && primary.sending)
                .filter(primary -> primary.data.covers(server.data.wal, server.data.end))
                .ifPresent(server::receive);
    }

    /** The end of an orderly stop of ours reaches it like any connected standby. */
    void flush(Server ending) {
        boolean follows = !server.writable() && reachable && ending.data.covers(server.data.wal, server.data.end);
        if (follows) {
            server.receive(ending);
        }
    }

    /** Another server takes over there, which lacks some of what the last one sent to others. */
    void failOver(long lostBytes) {
        DataDirectory data = server.data.copied();
        data.end = Math.max(data.wal.start + DataDirectory.RECORD, data.end - lostBytes);
        data.state = DataDirectory.RECOVERING;
        server = started(data, true);
        promote();
    }

    void promote() {
        if (server.inRecovery) {
            server.promote(server.data.wal.timeline + 1);
        }
    }
}
