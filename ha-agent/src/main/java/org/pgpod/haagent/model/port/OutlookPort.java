package org.pgpod.haagent.model.port;

import java.time.Duration;

/** This pod, and its node, in the Kubernetes API. Each method is one HTTP request. */
public interface OutlookPort {
    /** Whether the API has noted a time at which this very pod is to be gone, by {@code metadata.deletionTimestamp}. */
    Reading<Boolean> leaving(Duration timeout);

    /** Whether the node takes no new pods, by {@code spec.unschedulable}. */
    Reading<Boolean> cordoned(Duration timeout);
}
