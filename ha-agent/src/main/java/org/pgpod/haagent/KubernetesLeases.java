package org.pgpod.haagent;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.act.LeaseWriter;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.observe.LeaseReader;

/** The Leases of the Kubernetes API: one side reads, the other writes. */
record KubernetesLeases(LeaseReader reader, LeaseWriter writer) implements LeaseStore {
    @Override
    public Reading<Optional<LeaseView>> readLeader(Duration timeout) {
        return reader.readLeader(timeout);
    }

    @Override
    public LeasePut createLeader(LeaseDraft draft, Duration timeout) {
        return writer.createLeader(draft, timeout);
    }

    @Override
    public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
        return writer.replaceLeader(draft, resourceVersion, timeout);
    }

    @Override
    public Reading<List<MemberLease>> readMembers(Duration timeout) {
        return reader.readMembers(timeout);
    }

    @Override
    public Effect putMember(MemberStatus status, Duration timeout) {
        return writer.putMember(status, timeout);
    }

    @Override
    public Effect removeMember(String pod, String resourceVersion, Duration timeout) {
        return writer.removeMember(pod, resourceVersion, timeout);
    }
}
