package org.pgpod.wireproxy.channel;

import io.netty.channel.Channel;
import java.util.Optional;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.lease.LeaseWatch;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.lease.Standing.Verdict;
import org.pgpod.wireproxy.protocol.FatalError;

/** How one session stands at this very moment: towards the lease, and with the server it was brought to. Confined to its event loop. */
final class Tenure {
    private final LeaseWatch lease;
    private Standing standing;
    private Stay stay = new Stay.Unlimited();

    /** Before it is admitted. */
    Tenure(LeaseWatch lease, Caller caller) {
        this.lease = lease;
        this.standing = new Standing(caller, LeaseView.UNSEEN);
    }

    /** It is admitted. */
    void begin(Standing itsStanding, Stay itsStay) {
        standing = itsStanding;
        stay = itsStay;
    }

    LeaseView view() {
        return lease.view();
    }

    Stay stay() {
        return stay;
    }

    /** Whether its server is in another pod. */
    boolean isElsewhere() {
        return standing.isElsewhere();
    }

    /** Called after reading from Postgres and before writing to the client. */
    Verdict verdict() {
        return standing.judge(lease.view(), lease.nowMillis());
    }

    /** Whether the client may be told why its session ends. */
    boolean mayBeTold() {
        return standing.mayBeTold(lease.view(), lease.nowMillis());
    }

    /** Whether clients are parked now. */
    boolean holds() {
        return lease.view().holdsAt(lease.nowMillis());
    }

    /** Whether a hold has passed its deadline. */
    boolean isHoldOver() {
        return Refusals.holdIsOver(lease.view(), lease.nowMillis());
    }

    /** Why it is to end at the next transaction boundary; empty while it may go on. */
    Optional<FatalError> end() {
        return stay.end(lease.view(), lease.nowMillis());
    }

    /** It stands between two transactions, and goes on. */
    void rests(Channel client) {
        stay.rests(lease.view(), lease.nowMillis(), client);
    }

    /** Whether it has been asked to leave and may yet begin a transaction. */
    boolean isLeaving() {
        return stay.isLeaving(lease.nowMillis());
    }

    /** Its server cannot be reached; true if another may be tried. */
    boolean mayTryAnother() {
        return stay.failed(lease.nowMillis());
    }
}
