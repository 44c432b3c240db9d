package org.pgpod.haagent.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeaseView;

/**
 * What must hold while the cluster is to follow another one: nobody is promoted, nobody may write in an epoch of following,
 * and only who was granted such an epoch streams from there, one member for each epoch.
 */
final class FollowCheck {
    /** What a member read before the configuration was changed it may still go by, where nobody followed before. */
    private static final long NEWS_MILLIS = 30_000;

    /** A member Lease that says so may be as old. */
    private static final long LED_MILLIS = 40_000;

    private final Cluster cluster;
    private final Map<Epoch, Pod> leaderOf = new HashMap<>();
    private final Map<Pod, Epoch> ledIn = new HashMap<>();
    private boolean following;
    private long streamedMillis;

    FollowCheck(Cluster cluster) {
        this.cluster = cluster;
    }

    void stored(LeaseView lease, Pod by) {
        Optional<ClusterRecord> record = lease.record().valid();
        if (record.isEmpty()) {
            return;
        }
        boolean before = following;
        following = !record.get().allowsWriting();
        if (following && !before && by.server().filter(Server::writable).isPresent()) {
            throw cluster.watch.violation(by, "it begins to follow another cluster while its Postgres can write");
        }
        if (before && !following && cluster.isToFollow()) {
            throw cluster.watch.violation(by, "it ends an epoch of following although the cluster is to follow");
        }
        if (following && lease.isHeld()) {
            Pod first = leaderOf.putIfAbsent(lease.epoch(), by);
            if (first != null && first != by) {
                throw cluster.watch.violation(by, "it leads in epoch " + lease.epoch() + " like " + first.title());
            }
            ledIn.put(by, lease.epoch());
        }
    }

    void promoted(Pod pod, Epoch epoch) {
        boolean late = cluster.isToFollow() && cluster.time.nowMillis() - cluster.followsSinceMillis > NEWS_MILLIS;
        if (leaderOf.containsKey(epoch) || late) {
            throw cluster.watch.violation(pod, "it is promoted in epoch " + epoch + " of a cluster that is to follow");
        }
    }

    /**
     * While the cluster follows, the other one's data are the good ones, whatever copy here is given up: that of the leader, if
     * a person asks for it, and those of others as long as a leader streams from there.
     */
    boolean decides(Pod pod) {
        boolean leads = cluster.holder().filter(pod::equals).isPresent();
        boolean led = streamedMillis != 0 && cluster.time.nowMillis() - streamedMillis < LED_MILLIS;
        if (following && !leads && !led) {
            throw cluster.watch.violation(pod, "it gives its copy up while nobody streams from the other cluster");
        }
        return following;
    }

    void check(Pod pod) {
        if (following && pod.admitsWriters() && pod.volume.state.epoch().compareTo(cluster.watch.highest()) >= 0) {
            throw cluster.watch.violation(pod, "it admits writers while the cluster follows another one");
        }
        boolean streams = pod.server()
                .flatMap(server -> server.source)
                .filter(cluster::isOther)
                .isPresent();
        if (!streams) {
            return;
        }
        streamedMillis = cluster.time.nowMillis();
        if (!ledIn.containsKey(pod)) {
            throw cluster.watch.violation(pod, "it streams from the other cluster and never led");
        }
        Set<Epoch> epochs = new HashSet<>();
        for (Pod other : cluster.pods) {
            boolean alsoStreams = other.server()
                    .flatMap(server -> server.source)
                    .filter(cluster::isOther)
                    .isPresent();
            if (alsoStreams && !epochs.add(ledIn.getOrDefault(other, Epoch.NONE))) {
                throw cluster.watch.violation(pod, "two members stream from the other cluster in one epoch");
            }
        }
    }
}
