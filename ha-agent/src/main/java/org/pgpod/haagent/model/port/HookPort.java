package org.pgpod.haagent.model.port;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.pgpod.haagent.model.Hook;

/** What the template of the pod wants done at events. */
public interface HookPort {
    /** No hooks at all. */
    HookPort NONE = new HookPort() {
        @Override
        public List<Hook> at(Hook.Event event) {
            return List.of();
        }

        @Override
        public Hook.Ended run(Hook.Event event, Hook hook, BooleanSupplier cancelled) {
            throw new IllegalStateException("there are no hooks");
        }
    };

    /** What is to be done at that event, in order. */
    List<Hook> at(Hook.Event event);

    /** Does it, and returns once it has ended: within its time-out, or soon after {@code cancelled} first says so. */
    Hook.Ended run(Hook.Event event, Hook hook, BooleanSupplier cancelled);
}
