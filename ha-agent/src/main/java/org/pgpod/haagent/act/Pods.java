package org.pgpod.haagent.act;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;

/** The cluster's pods in the Kubernetes API: their role labels, and the Events of this one. */
public final class Pods implements PodPort, AutoCloseable {
    private final PodLabels labels;
    private final EventQueue events;

    /**
     * @param wallClock for people, who read when something happened
     * @param nanoTime for the limit on Events; it never goes back
     */
    public Pods(
            KubernetesApi api,
            ClusterNames names,
            Holder self,
            Supplier<ZonedDateTime> wallClock,
            LongSupplier nanoTime) {
        this.labels = new PodLabels(api, names);
        this.events = new EventQueue(api, names, self, wallClock, nanoTime);
    }

    @Override
    public Effect label(Map<String, RoleLabel> roles, Duration timeout) {
        return labels.label(roles, timeout);
    }

    @Override
    public Reading<Boolean> exists(String pod, Duration timeout) {
        return labels.exists(pod, timeout);
    }

    @Override
    public void event(String reason, String message) {
        events.add(new EventObject(EventObject.Type.NORMAL, reason, message));
    }

    @Override
    public void warning(String reason, String message) {
        events.add(new EventObject(EventObject.Type.WARNING, reason, message));
    }

    @Override
    public void close() {
        events.close();
    }
}
