package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The fields of a container's securityContext that the Pod Security profile {@code restricted} asks for, and a read-only root. */
final class SecurityContext {
    private SecurityContext() {}

    /** Adds what is absent; what the template says itself stays, for {@link RestrictedProfile} to judge. */
    static void restrict(ObjectNode context) {
        Nodes.putIfAbsent(context, "runAsNonRoot", BooleanNode.TRUE);
        Nodes.putIfAbsent(context, "allowPrivilegeEscalation", BooleanNode.FALSE);
        Nodes.putIfAbsent(context, "readOnlyRootFilesystem", BooleanNode.TRUE);
        ObjectNode capabilities = Nodes.object(context, "capabilities");
        if (!Nodes.present(capabilities, "drop")) {
            capabilities.putArray("drop").add("ALL");
        }
        ObjectNode seccomp = Nodes.object(context, "seccompProfile");
        if (!Nodes.present(seccomp, "type")) {
            seccomp.put("type", "RuntimeDefault");
        }
    }
}
