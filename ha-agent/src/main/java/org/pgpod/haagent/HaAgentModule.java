package org.pgpod.haagent;

import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.lifecycle.SidecarModule;

/** {@code ha-agent} for the launcher. */
public final class HaAgentModule implements SidecarModule {
    @Override
    public String name() {
        return "ha-agent";
    }

    @Override
    public SectionSchema schema() {
        return HaAgentOptions.SCHEMA;
    }

    @Override
    public Sidecar create(Values values, SidecarContext context) throws ConfigurationException {
        return new HaAgent(HaAgentOptions.from(values), context);
    }
}
