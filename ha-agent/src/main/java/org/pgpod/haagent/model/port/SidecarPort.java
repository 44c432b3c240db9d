package org.pgpod.haagent.model.port;

import java.util.Map;
import org.pgpod.core.pod.HealthReport;

/** {@code run/health}: what the sidecars of this pod say of themselves. */
public interface SidecarPort {
    /** The last report of each sidecar by its name; torn ones and those of another boot are left out. */
    Map<String, HealthReport> reports();
}
