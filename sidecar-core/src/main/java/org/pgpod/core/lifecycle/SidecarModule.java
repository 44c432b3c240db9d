package org.pgpod.core.lifecycle;

import java.io.IOException;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;

/** What the launcher needs to know of a module: its name, its options, and how to make its sidecar. */
public interface SidecarModule {
    /** The name on the command line, such as {@code ha-agent}. */
    String name();

    SectionSchema schema();

    /**
     * Makes the sidecar, without starting anything; throws when options contradict each other, with every problem.
     */
    Sidecar create(Values values, SidecarContext context) throws ConfigurationException;

    /**
     * What the module's init container does before the pod starts, in this process and to its end. Most modules have
     * nothing to do; returns whether everything that was wanted is done.
     */
    default boolean prepare(Values values, SidecarContext context)
            throws ConfigurationException, IOException, InterruptedException {
        return true;
    }
}
