package org.pgpod.haagent.loop;

import java.util.List;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.decide.Action;
import org.pgpod.haagent.decide.ActionReport;
import org.pgpod.haagent.model.ClusterConfiguration;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.LocalFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.ServerCatalog;

/**
 * All that is known at one moment: one immutable snapshot for every reader.
 *
 * @param term our right to write
 * @param published the last state of ours that the API stored
 * @param inFlight the action being carried out
 * @param finished the last action that ended
 * @param configuration the cluster's dynamic configuration
 * @param catalog the parameters of the running server
 * @param remote the server of another cluster that this one is to follow
 */
public record Facts(
        Fact<LeaseSighting> lease,
        Optional<LeaseTerm> term,
        Fact<List<MemberSighting>> members,
        Fact<MemberStatus> published,
        LocalFacts local,
        Optional<Action> inFlight,
        Optional<ActionReport> finished,
        ClusterConfiguration configuration,
        Fact<ServerCatalog> catalog,
        Fact<RemoteSighting> remote) {

    static final Facts NONE = new Facts(
            Fact.unseen("not read yet"),
            Optional.empty(),
            Fact.unseen("not read yet"),
            Fact.unseen("not written yet"),
            LocalFacts.NONE,
            Optional.empty(),
            Optional.empty(),
            ClusterConfiguration.UNREAD,
            Fact.unseen("not read yet"),
            Fact.unseen("not asked yet"));

    /** The epoch of the leader Lease as last read. */
    public Epoch epoch() {
        return lease.known().flatMap(LeaseSighting::view).map(LeaseView::epoch).orElse(Epoch.NONE);
    }

    /** The settings of this agent, as the cluster's configuration changes them. */
    public HaAgentSettings settings(HaAgentSettings own) {
        return configuration.accepted().tunables().over(own);
    }

    Facts withLease(Fact<LeaseSighting> next) {
        return new Facts(next, term, members, published, local, inFlight, finished, configuration, catalog, remote);
    }

    Facts withTerm(Optional<LeaseTerm> next) {
        return new Facts(lease, next, members, published, local, inFlight, finished, configuration, catalog, remote);
    }

    Facts withMembers(Fact<List<MemberSighting>> next) {
        return new Facts(lease, term, next, published, local, inFlight, finished, configuration, catalog, remote);
    }

    Facts withPublished(Fact<MemberStatus> next) {
        return new Facts(lease, term, members, next, local, inFlight, finished, configuration, catalog, remote);
    }

    Facts withLocal(LocalFacts next) {
        return new Facts(lease, term, members, published, next, inFlight, finished, configuration, catalog, remote);
    }

    Facts starting(Action action) {
        return new Facts(
                lease, term, members, published, local, Optional.of(action), finished, configuration, catalog, remote);
    }

    Facts reporting(ActionReport report) {
        return new Facts(
                lease, term, members, published, local, inFlight, Optional.of(report), configuration, catalog, remote);
    }

    Facts idle() {
        return new Facts(
                lease, term, members, published, local, Optional.empty(), finished, configuration, catalog, remote);
    }

    Facts withConfiguration(ClusterConfiguration next) {
        return new Facts(lease, term, members, published, local, inFlight, finished, next, catalog, remote);
    }

    Facts withCatalog(Fact<ServerCatalog> next) {
        return new Facts(lease, term, members, published, local, inFlight, finished, configuration, next, remote);
    }

    Facts withRemote(Fact<RemoteSighting> next) {
        return new Facts(lease, term, members, published, local, inFlight, finished, configuration, catalog, next);
    }
}
