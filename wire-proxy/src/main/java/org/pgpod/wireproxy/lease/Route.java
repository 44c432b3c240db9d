package org.pgpod.wireproxy.lease;

import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LeaseToken.Role;

/** Where the primary is, for a client that has nothing open anywhere. */
public sealed interface Route {
    /** In this pod, and it serves clients or holds them. */
    record Here() implements Route {}

    /** In another pod, {@code host:port}. */
    record Elsewhere(String leader) implements Route {}

    /** Nowhere that this pod knows of, at the moment. */
    record Unknown() implements Route {}

    /** The route at this moment. */
    static Route toPrimary(LeaseView view, long nowMillis) {
        boolean serving = view.phase() == Phase.OPEN || view.phase() == Phase.HOLD;
        if (view.role() == Role.PRIMARY) {
            return serving && view.isPrimaryAt(nowMillis) ? new Here() : new Unknown();
        }
        boolean known = !view.leader().isEmpty() && view.phase() != Phase.HOLD;
        return known ? new Elsewhere(view.leader()) : new Unknown();
    }
}
