package org.pgpod.core.lifecycle;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.PodSettings;

/**
 * What the launcher gives to every sidecar.
 *
 * @param pod who the pod is and where its files are
 * @param clock the boot clock
 * @param meters where this sidecar registers its meters; its admin server shows them
 * @param environment the process environment; only wiring code may look into it
 * @param version pgpod's version
 */
public record SidecarContext(
        PodSettings pod, BootClock clock, MeterRegistry meters, Map<String, String> environment, String version) {
    public SidecarContext {
        environment = Map.copyOf(environment);
    }
}
