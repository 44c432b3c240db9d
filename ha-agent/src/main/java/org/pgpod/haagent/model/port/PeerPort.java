package org.pgpod.haagent.model.port;

import java.time.Duration;
import java.util.List;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PromiseRequest;

/** The agents of the other members, without the Kubernetes API between. */
public interface PeerPort {
    /**
     * Asks all of {@code members} at once and answers within {@code timeout}: the voters that promised, each proved to be
     * who it says. Silence, a refusal and an answer that proves nothing are all left out.
     */
    List<MemberName> promises(PromiseRequest request, List<MemberStatus> members, Duration timeout);

    /** A number that nobody can guess and that is never used again. */
    String nonce();
}
