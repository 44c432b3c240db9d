package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PromiseAnswer;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.port.PeerPort;

/** The other agents, as the network between pods lets them be reached. */
final class Peers implements PeerPort {
    private final Pod pod;
    private final Life process;

    Peers(Pod pod, Life process) {
        this.pod = pod;
        this.process = process;
    }

    @Override
    public List<MemberName> promises(PromiseRequest request, List<MemberStatus> members, Duration timeout) {
        Cluster cluster = pod.cluster;
        pod.askedMillis = pod.node.nowMillis();
        cluster.time.sleep(cluster.chance.upTo(10));
        List<MemberName> promised = new ArrayList<>();
        boolean silent = false;
        for (MemberStatus member : members) {
            boolean answers = cluster.network
                    .reach(pod, member.address())
                    .filter(peer -> peer.agentRuns() && !peer.node.isPaused() && process.isAlive())
                    .filter(peer -> peer.process.resumesMillis() <= cluster.time.nowMillis())
                    .map(peer -> peer.agent.promiseNow(request))
                    .filter(answer -> answer instanceof PromiseAnswer.Promised(MemberName voter)
                            && member.name().filter(voter::equals).isPresent())
                    .isPresent();
            silent = silent || !answers;
            if (answers) {
                member.name().ifPresent(promised::add);
            }
        }
        cluster.time.sleep(silent ? pod.node.lasting(timeout.toMillis()) : cluster.chance.upTo(10));
        return promised;
    }

    @Override
    public String nonce() {
        return Long.toString(pod.cluster.nextNumber());
    }
}
