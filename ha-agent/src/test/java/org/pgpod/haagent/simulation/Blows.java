package org.pgpod.haagent.simulation;

import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.Request;

/** What each fault does, and how it ends. */
final class Blows {
    /** Two readings of the server, a reload, and much patience. */
    private static final int IMPOSTOR_SEEN_MILLIS = 3_000;

    private Blows() {}

    static void podCrashes(Cluster cluster, Pod pod) {
        pod.crash();
        cluster.later(pod, 500, 40_000, pod::comeBack);
    }

    static void allPodsCrash(Cluster cluster, Pod pod) {
        for (Pod each : cluster.current()) {
            each.crash();
            cluster.later(each, 500, 30_000, each::comeBack);
        }
    }

    static void agentDies(Cluster cluster, Pod pod) {
        pod.killAgent();
        cluster.later(pod, 200, 15_000, pod::restartAgent);
    }

    static void agentStops(Cluster cluster, Pod pod) {
        pod.process.stopUntil(cluster.time.nowMillis() + cluster.chance.between(500, 12_000));
    }

    static void postmasterDies(Cluster cluster, Pod pod) {
        pod.supervisor.postmasterDied();
    }

    static void supervisorDies(Cluster cluster, Pod pod) {
        pod.killSupervisor();
    }

    static void supervisorStops(Cluster cluster, Pod pod) {
        pod.supervisor.life.stopUntil(cluster.time.nowMillis() + cluster.chance.between(500, 12_000));
    }

    static void nodePauses(Cluster cluster, Pod pod) {
        pod.node.pauseUntil(cluster.time.nowMillis() + cluster.chance.between(200, 15_000));
    }

    static void nodeRebootsKeepingRun(Cluster cluster, Pod pod) {
        if (pod.isOn()) {
            pod.rebootKeepingRun(cluster.chance.between(5_000, 100_000));
        }
    }

    static void apiTrouble(Cluster cluster, Pod pod) {
        List<ApiClient.Trouble> all = List.of(ApiClient.Trouble.values());
        ApiClient.Trouble trouble = cluster.chance.of(all.subList(1, all.size()));
        pod.trouble(trouble, cluster.chance.between(300, 20_000));
        cluster.story.tell(pod.title(), () -> "has trouble with the API: " + trouble);
    }

    static void apiGone(Cluster cluster, Pod pod) {
        int duration = cluster.chance.between(1_000, 20_000);
        cluster.current().forEach(each -> each.trouble(ApiClient.Trouble.UNREACHABLE, duration));
    }

    static void leaseWrittenByAPerson(Cluster cluster, Pod pod) {
        cluster.api.annotateLeader();
    }

    static void leaseDeleted(Cluster cluster, Pod pod) {
        Optional<LeaseView> old = cluster.api.leader();
        cluster.api.deleteLeader();
        // Whoever deletes it by mistake brings it back, unless the holder was faster.
        cluster.later(pod, 3_000, 20_000, () -> {
            // One of an earlier epoch than some volume may know of would be a person's mistake of another kind.
            boolean latest = old.filter(view -> view.epoch().equals(cluster.watch.highest()))
                    .isPresent();
            if (cluster.api.leader().isEmpty() && latest) {
                cluster.api.restoreLeader(old.get());
            }
        });
    }

    static void networkCut(Cluster cluster, Pod pod) {
        cluster.network.isolate(pod);
        cluster.later(pod, 1_000, 40_000, () -> cluster.network.heal(pod));
    }

    static void networkSlow(Cluster cluster, Pod pod) {
        pod.lagBytes = DataDirectory.RECORD * cluster.chance.between(1, 400);
        cluster.later(pod, 1_000, 40_000, () -> pod.lagBytes = 0);
    }

    static void replayPaused(Cluster cluster, Pod pod) {
        pod.pauseReplay(true);
        cluster.later(pod, 1_000, 30_000, () -> pod.pauseReplay(false));
    }

    static void databaseHangs(Cluster cluster, Pod pod) {
        pod.hanging = pod.server();
        cluster.later(pod, 500, 60_000, () -> pod.hanging = Optional.empty());
    }

    static void tokenCannotBeWritten(Cluster cluster, Pod pod) {
        pod.tokenFull = true;
        cluster.later(pod, 300, 10_000, () -> pod.tokenFull = false);
    }

    static void historyMissing(Cluster cluster, Pod pod) {
        pod.historyMissing = true;
        cluster.later(pod, 500, 15_000, () -> pod.historyMissing = false);
    }

    static void walsenderLate(Cluster cluster, Pod pod) {
        pod.walsenderLate = true;
        cluster.later(pod, 1_000, 20_000, () -> pod.walsenderLate = false);
    }

    static void nameBorneTwice(Cluster cluster, Pod pod) {
        pod.server().flatMap(server -> server.source).ifPresent(source -> {
            source.commits.impersonate(pod.server(), cluster.time.nowMillis() + IMPOSTOR_SEEN_MILLIS);
            cluster.later(pod, 1_000, 20_000, () -> source.commits.impersonate(Optional.empty(), 0));
        });
    }

    static void promotedByHand(Cluster cluster, Pod pod) {
        pod.server()
                .filter(server -> server.inRecovery && server.accepting)
                .ifPresent(server -> cluster.watch.promotedByHand(pod, server.promote(server.data.wal.timeline + 1)));
    }

    static void promotionRefused(Cluster cluster, Pod pod) {
        pod.refusesPromotion = true;
        cluster.later(pod, 1_000, 90_000, () -> pod.refusesPromotion = false);
    }

    static void librariesMissing(Cluster cluster, Pod pod) {
        pod.lacksLibraries = true;
        cluster.later(pod, 1_000, 60_000, () -> pod.lacksLibraries = false);
    }

    static void toolBreaks(Cluster cluster, Pod pod) {
        // Whatever is begun there next is cut short in the middle.
        boolean rewind = cluster.chance.oneIn(2);
        cluster.deaths.breakTool(pod.name, rewind ? "rewind" : "clone");
        if (rewind) {
            pod.crashAndComeBack();
        } else {
            pod.ask(new Request.Reinitialize(cluster.requestId()));
        }
    }

    static void volumeWiped(Cluster cluster, Pod pod) {
        if (cluster.primary().isPresent() && cluster.primary().get() != pod && cluster.settled()) {
            pod.crash();
            pod.volume.state.data().ifPresent(data -> cluster.wiped.add(new MemberName(pod.name, data)));
            pod.volume.wipe();
            cluster.later(pod, 500, 5_000, pod::comeBack);
        }
    }

    /** Full, failing, or hanging; what Postgres makes of it is for tests on real disks. */
    static void volumeFails(Cluster cluster, Pod pod) {
        pod.disk = cluster.chance.of(List.of(Pod.Disk.FULL, Pod.Disk.FAILING, Pod.Disk.STUCK));
        pod.diskMillis = pod.node.nowMillis();
        cluster.later(pod, 1_000, 90_000, () -> pod.disk = Pod.Disk.WELL);
    }

    static void podForceDeleted(Cluster cluster, Pod pod) {
        if (cluster.chance.oneIn(2)) {
            pod.node.pauseUntil(cluster.time.nowMillis() + cluster.chance.between(3_000, 40_000));
        } else {
            pod.trouble(ApiClient.Trouble.UNREACHABLE, cluster.chance.between(3_000, 40_000));
        }
        cluster.replace(pod);
    }

    static void switchoverAsked(Cluster cluster, Pod pod) {
        Optional<String> candidate =
                cluster.chance.oneIn(3) ? Optional.of(cluster.chance.of(cluster.current()).name) : Optional.empty();
        cluster.primary().ifPresent(primary -> primary.ask(new Request.Switchover(cluster.requestId(), candidate)));
    }

    static void containerStops(Cluster cluster, Pod pod) {
        pod.supervisor.askForSwitchover();
        cluster.later(pod, 15_000, 30_000, pod::crashAndComeBack);
    }

    static void restartAsked(Cluster cluster, Pod pod) {
        pod.ask(new Request.Restart(cluster.requestId()));
    }

    static void reinitializeAsked(Cluster cluster, Pod pod) {
        pod.ask(new Request.Reinitialize(cluster.requestId()));
    }

    static void pauseAsked(Cluster cluster, Pod pod) {
        cluster.primary().ifPresent(primary -> {
            primary.ask(new Request.Pause(cluster.requestId(), true));
            cluster.later(pod, 5_000, 30_000, cluster::resume);
        });
    }
}
