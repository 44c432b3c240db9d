package org.pgpod.haagent.model.port;

import java.time.Duration;
import java.util.Map;

/** The pods of the cluster as Services and people see them. */
public interface PodPort {
    /** The value of the label {@code pgpod.org/role}. */
    enum RoleLabel {
        PRIMARY,
        REPLICA,
        /** Follows another cluster: no Service that is for writers selects it. */
        STANDBY_LEADER
    }

    /** Sets {@code pgpod.org/role} of every named pod; a pod that does not exist is no failure. */
    Effect label(Map<String, RoleLabel> roles, Duration timeout);

    /** Whether there is a pod of this name, in whatever state. */
    Reading<Boolean> exists(String pod, Duration timeout);

    /** Records a Kubernetes Event on this pod. {@code reason} is CamelCase; a failure may be dropped. */
    void event(String reason, String message);

    /** The same for what a person should look at: an Event of type {@code Warning}. */
    default void warning(String reason, String message) {
        event(reason, message);
    }
}
