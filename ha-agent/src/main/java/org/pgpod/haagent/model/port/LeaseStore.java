package org.pgpod.haagent.model.port;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;

/**
 * The Leases of one cluster in the Kubernetes API. Each method is exactly one HTTP request: no retry, no cache, no
 * watch, and the whole call ends within {@code timeout}; a connection that timed out is closed, so that a late request
 * cannot follow it.
 */
public interface LeaseStore {
    /** Reads {@code <cluster>-leader} by a quorum read (no {@code resourceVersion} parameter); empty if there is none. */
    Reading<Optional<LeaseView>> readLeader(Duration timeout);

    /** Creates the leader Lease; {@link LeasePut.Conflict} if it exists. */
    LeasePut createLeader(LeaseDraft draft, Duration timeout);

    /**
     * Replaces the leader Lease as a whole if it still has {@code resourceVersion}. {@code renewTime} gets a value that
     * differs from the stored one.
     */
    LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout);

    /** Lists the member Leases of this cluster by a quorum read. */
    Reading<List<MemberLease>> readMembers(Duration timeout);

    /** Creates or replaces this pod's own member Lease, whatever it holds now. */
    Effect putMember(MemberStatus status, Duration timeout);

    /**
     * Deletes the member Lease of another pod if it still has {@code resourceVersion}; one that is not there is no failure.
     */
    Effect removeMember(String pod, String resourceVersion, Duration timeout);
}
